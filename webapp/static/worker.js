// Shows notifications and leads to what they tell of. It keeps no page and no answer, and
// nothing passes through it: there is no "fetch" here.

const LONGEST = 200; // characters

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const told = new Map(); // tag -> key of what was told last: ten tabs tell it, one is heard
let turn = Promise.resolve();

addEventListener("message", (event) => {
  if (event.data?.type !== "notify") return;
  turn = turn.then(() => show(event.data)).catch(() => {}); // permission was taken back
  event.waitUntil(turn);
});

const windows = () => clients.matchAll({ type: "window", includeUncontrolled: true });

async function show({ title, body, tag, key, path, always = false }) {
  if (!always && (await windows()).some((one) => one.visibilityState === "visible")) return;
  if (told.get(tag) === key) return;
  told.set(tag, key);
  await registration.showNotification(String(title).slice(0, LONGEST), {
    body: String(body).slice(0, LONGEST),
    tag,
    renotify: true,
    icon: "/static/x/icons/app-192.png",
    badge: "/static/x/icons/badge-96.png",
    data: { path },
  });
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead(new URL(event.notification.data?.path ?? "/", location.origin)));
});

async function lead(url) {
  if (url.origin !== location.origin) return;
  const there = (await windows()).find((one) => one.url === url.href);
  if (there) await there.focus();
  else await clients.openWindow(url.href);
}
