// The page of the workers, kept true: every few seconds it is got again, and its parts
// change places with those of the page that stands.

import { change, get, inUse, partsOf } from "./parts.js";
import { relative } from "./words.js";

const EVERY = 3000; // ms
const LATE = 15_000; // ms without an answer, after which the page says so
const fresh = document.getElementById("fresh");
const said = document.getElementById("said");
let heardAt = Date.now();

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
    const parts = partsOf(page);
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
