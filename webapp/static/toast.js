// What was just done, with the way back: one notice at a time, the same on every page.

import { _ } from "./gettext.js";
import { sheet } from "./sheet.js";
import { speak, warn } from "./speak.js";

const LASTS = 6000; // ms
const WITH_UNDO = 15_000;
const ready = sheet("toast.css");
const box = document.createElement("div");
let back = null; // undoes what was done last
let timer = null;
let length = LASTS;
let from = null; // what had the focus before

box.className = "toast";
box.hidden = true;
box.setAttribute("role", "region");
box.setAttribute("aria-label", _("What was done"));
document.body.append(box);

const wait = () => {
  clearTimeout(timer);
  timer = setTimeout(hide, length);
};
const hold = () => clearTimeout(timer);
box.addEventListener("pointerenter", hold);
box.addEventListener("pointerleave", () => box.contains(document.activeElement) || wait());
box.addEventListener("focusin", ({ relatedTarget }) => {
  if (!box.contains(relatedTarget)) from = relatedTarget;
  hold();
});
box.addEventListener("focusout", ({ relatedTarget }) => box.contains(relatedTarget) || wait());
addEventListener("keydown", ({ key }) => key === "Escape" && !box.hidden && !document.querySelector("dialog[open]") && hide());

function button(text, className, onClick) {
  const made = Object.assign(document.createElement("button"), { type: "button", className, textContent: text });
  made.addEventListener("click", onClick);
  return made;
}

// `undo` takes it back; `bad` is what was not done.
export async function say(text, { undo: way = null, bad = false } = {}) {
  if (!bad) back = way; // what failed leaves the last deed as it is
  const close = button("×", "close", hide);
  close.setAttribute("aria-label", _("Close"));
  const parts = [Object.assign(document.createElement("span"), { textContent: text })];
  if (way) parts.push(button(_("Undo"), "btn", undo));
  box.replaceChildren(...parts, close);
  box.dataset.tone = bad ? "bad" : "good";
  length = way ? WITH_UNDO : LASTS;
  if (bad) warn(text);
  else speak(way ? `${text} ${_("It can be undone.")}` : text);
  await ready;
  box.hidden = false;
  wait();
}

export function hide() {
  clearTimeout(timer);
  const hadFocus = box.contains(document.activeElement);
  box.hidden = true;
  if (hadFocus && from?.isConnected) from.focus({ preventScroll: true });
}

// Take back what was done last, if that is possible.
export function undo() {
  const way = back;
  back = null;
  if (!way) return false;
  hide();
  way();
  return true;
}
