// What is said to ears on every page: politely at most once in 5 s, what went wrong at once.

import { ngettext } from "./gettext.js";

const EVERY = 5000; // ms
const said = [];
const runs = [];
let spoken = 0;
let timer = null;

// Of many runs that ended, the last is told, and how many more there were.
export function speak(text, isRun = false) {
  (isRun ? runs : said).push(text);
  timer ??= setTimeout(now, Math.max(0, spoken + EVERY - Date.now()));
}

function now() {
  timer = null;
  spoken = Date.now();
  const last = runs.pop();
  if (last) said.push(last);
  if (runs.length) said.push(ngettext("{0} more run ended.", "{0} more runs ended.", runs.length));
  document.getElementById("polite").textContent = said.join(" ");
  said.length = runs.length = 0;
}

export function warn(text) {
  document.getElementById("urgent").textContent = text;
}
