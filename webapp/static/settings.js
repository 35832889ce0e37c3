// The settings page: a key that was just issued can be copied, notifications are asked for.

import { _ } from "./gettext.js";
import { areOn, switchKeys } from "./keys.js";
import { post } from "./news.js";
import { KINDS, choice, choose, isPossible, wants } from "./notify.js";
import { zone } from "./words.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = _("Copied");
    } catch {
      button.textContent = _("Select it and copy");
    }
  });
}

// Single keys, and whose clock it is: both are kept in this browser

const keys = document.getElementById("keys-choice");
keys.hidden = false;
keys.firstElementChild.checked = areOn();
keys.firstElementChild.addEventListener("change", ({ target }) => switchKeys(target.checked));

document.querySelector("#zone b").textContent = zone;
const zoneForm = document.querySelector("#zone form");
zoneForm.elements.zone.value ||= document.documentElement.dataset.zone ?? "";
zoneForm.addEventListener("submit", () => {
  const timeZone = zoneForm.elements.zone.value.trim();
  try {
    if (timeZone && new Intl.DateTimeFormat("en", { timeZone })) localStorage.setItem("zone", timeZone);
    else localStorage.removeItem("zone");
  } catch {
    // No such zone, as the server will say; or storage is blocked.
  }
});

// Notifications

const WORKER = "/worker.js";
const $ = (id) => document.getElementById(id);
const boxes = [...document.querySelectorAll("#notify [name=kind]")];

// The policy of this page names this one: no other script can be started through it.
const policy = window.trustedTypes?.createPolicy("mailbeat-worker", {
  createScriptURL(url) {
    if (url !== WORKER) throw new TypeError("That is not our worker.");
    return url;
  },
});
const register = () => navigator.serviceWorker.register(policy?.createScriptURL(WORKER) ?? WORKER, { scope: "/", updateViaCache: "none" });

function draw() {
  const state = !isPossible() ? "impossible" : Notification.permission === "denied" ? "denied" : wants() ? "on" : "off";
  $("notify").dataset.state = state;
  for (const part of document.querySelectorAll("#notify [data-in]")) part.hidden = !part.dataset.in.split(" ").includes(state);
  const chosen = choice();
  for (const box of boxes) {
    box.disabled = state !== "on";
    box.checked = state === "on" ? chosen.includes(box.value) : box.defaultChecked;
  }
}

$("notify-on").addEventListener("click", async () => {
  if ((await Notification.requestPermission()) === "granted") {
    choose(boxes.filter((box) => box.defaultChecked).map((box) => box.value));
    await register();
  }
  draw();
});
$("notify-off").addEventListener("click", async () => {
  choose([]);
  await (await navigator.serviceWorker.getRegistration("/"))?.unregister();
  draw();
});
$("notify-try").addEventListener("click", async () => {
  await navigator.serviceWorker.ready;
  const body = _("This is how you are told. A click leads to what it is about.");
  await post({ title: "Mailbeat", body, tag: "try", key: String(Date.now()), path: "/", always: true });
});
for (const box of boxes)
  box.addEventListener("change", () => {
    choose(KINDS.filter((kind) => boxes.some((one) => one.value === kind && one.checked)));
    draw();
  });
addEventListener("storage", ({ key }) => key === "notify" && draw());
if (wants()) register(); // a browser forgets workers now and then
draw();
