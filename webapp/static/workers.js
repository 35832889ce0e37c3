// The page of the workers, kept true: every few seconds it is got again, and its parts
// change places with those of the page that stands. They come as the server escaped them,
// parsed by the browser as a document in which no script runs.

import { exact, relative } from "./words.js";

const EVERY = 3000; // ms
const LATE = 15_000; // ms without an answer, after which the page says so
const fresh = document.getElementById("fresh");
const said = document.getElementById("said");
let heardAt = Date.now();

function get(path) {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open("GET", path);
    asked.responseType = "document";
    asked.timeout = 10_000;
    // Who was signed out is led elsewhere: that page has no such parts.
    asked.onload = () => (asked.status === 200 ? resolve(asked.response) : reject(new Error(asked.status)));
    asked.onerror = asked.ontimeout = reject;
    asked.send();
  });
}

// What somebody types into, or thinks about, stays.
const inUse = (part) => part.contains(document.activeElement) || part.querySelector("details[open]") !== null;

function change(old, made) {
  for (const node of made.querySelectorAll("time[datetime]")) {
    node.textContent = relative(node.dateTime, node.className === "due");
    node.title = exact(node.dateTime);
  }
  old.replaceWith(document.adoptNode(made));
}

function tell(page) {
  const states = (root) => new Map([...root.querySelectorAll("[data-worker]")].map((one) => [one.dataset.worker, one.dataset.state]));
  const [before, after] = [states(document), states(page)];
  const news = [...after].filter(([name, state]) => before.get(name) !== state).map(([name, state]) => `${name}: ${state}`);
  if (news.length) said.textContent = news.slice(0, 3).join(", ");
}

async function look() {
  if (document.hidden) return;
  try {
    const page = await get("/workers");
    if (!page?.querySelector("[data-live]")) return;
    tell(page);
    const parts = new Map([...page.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));
    // The large parts come before those inside them, which are changed when those cannot be.
    for (const old of document.querySelectorAll("[data-live]")) {
      const made = parts.get(old.dataset.live);
      if (made && old.isConnected && !inUse(old)) change(old, made);
    }
    heardAt = Date.now();
  } catch {
    // The server is away: the next time, then.
  }
}

setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
setInterval(() => {
  const late = !document.hidden && Date.now() - heardAt > LATE;
  fresh.hidden = !late;
  if (late) fresh.textContent = `Not live: as it was ${relative(new Date(heardAt).toISOString())}`;
}, 1000);
