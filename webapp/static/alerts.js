// The page of alerts, kept true. Nothing moves under a hand: the part that somebody points
// at, types into or touches stays, and so does what stands above it. What is news there
// waits behind a button that has its place whether it is seen or not.

import { _, ngettext } from "./gettext.js";
import { change, get, inUse, partsOf } from "./parts.js";
import { speak } from "./speak.js";
import { relative } from "./words.js";

const EVERY = 5000; // ms: as often as the server looks
const LATE = 20_000; // ms without an answer, after which the page says so
const TOUCH = 3000; // ms that a finger may still mean what it saw
const fresh = document.getElementById("fresh");
const notLive = document.getElementById("not-live");
const canPoint = matchMedia("(hover: hover)");
let heardAt = Date.now();
let touchedAt = 0;
let page = null; // the newest one that was got

// What a part says, but for how long ago that was.
function gist(part) {
  const copy = part.cloneNode(true);
  for (const node of copy.querySelectorAll("time")) {
    node.textContent = "";
    node.removeAttribute("title");
  }
  return copy;
}
const shown = new Map([...partsOf(document)].map(([name, part]) => [name, gist(part)]));
const openOf = (root) => new Set([...root.querySelectorAll("[data-alert]")].map((one) => one.dataset.alert));
const told = openOf(document);

const isHeld = (part) => inUse(part) || (canPoint.matches && part.matches(":hover"));

function show({ asked = false } = {}) {
  if (!page) return;
  const made = partsOf(page);
  const parts = [...partsOf(document)].filter(([name]) => made.has(name));
  const isTouched = Date.now() - touchedAt < TOUCH;
  const held = isTouched ? parts.length - 1 : parts.findLastIndex(([, part]) => isHeld(part));
  let waiting = false;
  for (const [place, [name, part]] of parts.entries()) {
    const news = gist(made.get(name));
    if (news.isEqualNode(shown.get(name))) continue;
    if (place <= held && !asked) {
      waiting = true;
    } else {
      shown.set(name, news);
      change(part, made.get(name).cloneNode(true));
    }
  }
  if (!waiting && document.activeElement === fresh) document.getElementById("open-title").focus();
  fresh.hidden = !waiting;
}

function tell() {
  const news = [...openOf(page)].filter((id) => !told.has(id));
  for (const id of news) told.add(id);
  if (news.length) speak(ngettext("{0} new alert", "{0} new alerts", news.length));
}

async function look() {
  if (document.hidden) return;
  try {
    const got = await get(location.href);
    if (!got?.querySelector("[data-live]")) return;
    page = got;
    heardAt = Date.now();
    tell();
    show();
  } catch {
    // The server is away: the next time, then.
  }
}

fresh.addEventListener("click", () => show({ asked: true }));
addEventListener("touchstart", () => (touchedAt = Date.now()), { passive: true });
setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
setInterval(() => {
  if (!fresh.hidden) show(); // the hand may be elsewhere by now
  const isLate = !document.hidden && Date.now() - heardAt > LATE;
  notLive.hidden = !isLate;
  if (isLate) notLive.textContent = _("Not live: as it was {0}", relative(new Date(heardAt).toISOString()));
}, 1000);
