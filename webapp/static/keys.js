// Single keys and sequences, on every page: /shortcuts lists them. Never while one types,
// and not at all where they are switched off (WCAG 2.1.4); Ctrl-K always.

const OFF = "keys";
const AFTER_G = 1500; // ms
const ROWS = "main .rows tbody tr, main .things > li, main .cards > article, main .mails > li, main .access > li";
const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
let gone = 0; // when g was pressed
let palette = null;
let early = null; // what was typed before the palette was there

export function areOn() {
  try {
    return localStorage.getItem(OFF) !== "off";
  } catch {
    return true; // storage is blocked
  }
}

export function switchKeys(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "off");
  } catch {
    // The same.
  }
}

// Whether a key on this event is for us, or belongs to a field, a dialog or the browser.
export function isForUs(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return false;
  return areOn() && !event.target.closest?.(FIELDS) && !document.querySelector("dialog[open]");
}

// Whether this key goes on with a `g`.
export const isSecond = () => Date.now() - gone < AFTER_G;

export function press(event) {
  const { key } = event;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key.toLowerCase() === "k") {
    event.preventDefault();
    return find();
  }
  if (early !== null && key.length === 1 && isForUs(event)) {
    event.preventDefault();
    early += key;
    return;
  }
  if (key === "Shift" || !isForUs(event)) return;
  const link = isSecond() && [...document.querySelectorAll(".nav [data-key]")].find((one) => one.dataset.key === key);
  gone = !link && key === "g" ? Date.now() : 0;
  if (link) link.click();
  else if (key === "?") import("./help.js").then(({ open }) => open());
  else if (key === "/") search();
  else if (key === "z" && !document.getElementById("mails")) import("./toast.js").then(({ undo }) => undo());
  else if ((key === "j" || key === "k") && !document.getElementById("mails")) step(key === "j" ? 1 : -1);
  else if (key === "Enter") return enter(event);
  else return;
  event.preventDefault();
}

async function find() {
  early = "";
  palette ??= import("./palette.js");
  try {
    const { toggle } = await palette;
    await toggle(() => early);
  } finally {
    early = null;
  }
}

function search() {
  const field = document.querySelector("main input[type=search], main form.filters :is(input, select):not([type=hidden])");
  if (!field) return find();
  const fold = document.querySelector(".fold input");
  if (!field.checkVisibility() && fold) fold.checked = true;
  field.focus();
  field.select?.();
}

function step(by) {
  const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.checkVisibility());
  const at = rows.indexOf(document.activeElement.closest(ROWS));
  const row = at < 0 ? rows[0] : rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
  if (!row) return;
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function enter(event) {
  if (!event.target.matches?.(ROWS)) return;
  const link = event.target.querySelector("a[href]");
  if (!link) return;
  event.preventDefault();
  link.click();
}
