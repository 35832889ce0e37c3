// On every page: times that stay true, and what comes when it is wanted.

import { exact, relative, zone } from "./words.js";

// The server tells hours by the same clock from now on.
document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;

function tick() {
  if (document.hidden) return;
  for (const node of document.querySelectorAll("time[datetime]")) {
    const text = relative(node.dateTime, node.className === "due");
    if (node.textContent !== text) node.textContent = text;
  }
}
for (const node of document.querySelectorAll("time[datetime]")) node.title = exact(node.dateTime);
tick();
setInterval(tick, 1000);
document.addEventListener("visibilitychange", tick);

import("./themes.js");

// Keys come with the first one that is pressed, dialogs with their links.
let keys;
addEventListener("keydown", (event) => {
  if (event.key === "k" && (event.ctrlKey || event.metaKey)) event.preventDefault();
  keys ??= import("./keys.js");
  keys.then(({ press }) => press(event));
});
addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-opens]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  import(`./${link.dataset.opens}.js`).then(({ open }) => open());
});

// A page that only takes effect after a choice: filters apply at once.
for (const form of document.querySelectorAll("form.filters"))
  form.addEventListener("change", () => form.requestSubmit());

// What was done is told once: not when the page is loaded again later.
setTimeout(() => {
  const url = new URL(location);
  if (!url.searchParams.has("done")) return;
  for (const name of ["done", "undo"]) url.searchParams.delete(name);
  history.replaceState(history.state, "", url);
}, 3000);

// What is typed outlives a sign-in that came between.
if (location.pathname !== "/login" && document.querySelector("main form[method=post] :is(input:not([type=hidden]), textarea)")) import("./keep.js");

// A notice of what was done before the page was loaded again.
try {
  if (sessionStorage.toast) import("./act.js");
} catch {
  // Storage is blocked, so there is none.
}
