// One field in a dialog that leads everywhere: /find answers with what fits. The keys of a
// combobox; the focus goes back to where it was.

import { act, signIn } from "./act.js";
import { _, ngettext } from "./gettext.js";
import { sheet } from "./sheet.js";
import { choose } from "./themes.js";

const SVG = "http://www.w3.org/2000/svg";
const PAUSE = 80; // ms after a key, then the server is asked
const ready = sheet("palette.css");

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "use"));
  svg.firstChild.setAttribute("href", `#i-${name}`);
  return svg;
}

const field = make("input", {
  type: "text",
  role: "combobox",
  "aria-expanded": "true",
  "aria-controls": "palette-list",
  "aria-autocomplete": "list",
  "aria-label": _("Find or do"),
  placeholder: _("An address, a page, or what to do"),
  maxlength: "200",
  autocomplete: "off",
  autocapitalize: "off",
  spellcheck: "false",
  enterkeyhint: "go",
});
const list = make("div", { id: "palette-list", role: "listbox", "aria-label": _("Found"), tabindex: "-1" });
const said = make("p", { class: "unseen", role: "status" });
const nothing = make("p", { class: "nothing", hidden: "" });
const close = make("button", { type: "button", class: "btn bare" }, _("Close"));
const keys = [["↑ ↓", _("choose")], [_("Enter"), _("go")], ["Esc", _("close")]];
const foot = make("p", { class: "foot", "aria-hidden": "true" });
for (const [key, text] of keys) foot.append(make("span", {}, make("kbd", {}, key), ` ${text}`));
const dialog = make("dialog", { id: "palette", "aria-label": _("Find or do") });
dialog.append(make("div", { class: "ask" }, icon("search"), field, close), list, nothing, said, foot);
document.body.append(dialog);

let items = []; // what is listed, in order, beside its option
let at = 0;
let asking = null;
let timer = null;

// `typed` tells what was typed meanwhile.
export async function open(typed = () => "") {
  if (dialog.open) return;
  document.getElementById("nav")?.hidePopover?.();
  await ready;
  if (dialog.open) return;
  field.value = typed();
  dialog.showModal();
  field.focus();
  ask();
}

export function toggle(typed) {
  if (!dialog.open) return open(typed);
  dialog.close();
}

async function ask() {
  asking?.abort();
  const mine = (asking = new AbortController());
  list.setAttribute("aria-busy", "true");
  try {
    const asked = field.value;
    const address = `/find?${new URLSearchParams({ q: asked })}`;
    const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: mine.signal });
    if (answer.redirected || answer.status === 401) return location.assign(signIn());
    if (!answer.ok) return fail(_("The server answered {0}. Try again.", answer.status));
    show((await answer.json()).groups);
    list.dataset.for = asked;
  } catch {
    if (!mine.signal.aborted) fail(_("The server cannot be reached. What you type is looked up when it is back."));
  } finally {
    if (asking === mine) list.removeAttribute("aria-busy");
  }
}

function fail(text) {
  show([]);
  delete list.dataset.for;
  nothing.textContent = said.textContent = text;
  nothing.hidden = false;
}

function show(groups) {
  const chosen = at > 0 ? items[at]?.one.text : null; // it stays chosen if it is found again
  items = [];
  const options = (one) => {
    const option = make("div", { role: "option", id: `found-${items.length}`, class: "one" });
    option.append(icon(one.icon), make("bdi", { class: "clip" }, one.text));
    if (one.note) option.append(make("span", { class: "note clip" }, make("bdi", {}, one.note)));
    items.push({ one, option });
    return option;
  };
  list.replaceChildren(
    ...groups.map(({ title, items: found }, i) => {
      const heading = make("div", { class: "title", id: `group-${i}`, role: "presentation" }, title);
      return make("div", { role: "group", "aria-labelledby": heading.id }, heading, ...found.map(options));
    }),
  );
  list.hidden = !items.length;
  field.setAttribute("aria-expanded", String(items.length > 0));
  nothing.hidden = items.length > 0;
  nothing.textContent = _("Nothing is like that.");
  said.textContent = items.length ? ngettext("{0} result", "{0} results", items.length) : nothing.textContent;
  list.scrollTop = 0;
  mark(Math.max(0, items.findIndex(({ one }) => one.text === chosen)));
}

function mark(next) {
  items[at]?.option.removeAttribute("aria-selected");
  at = next;
  const now = items[at]?.option;
  if (!now) return field.removeAttribute("aria-activedescendant");
  now.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", now.id);
  now.scrollIntoView({ block: "nearest" });
}

function take({ href, deed, theme }, apart) {
  if (href && apart) return void window.open(href, "_blank", "noopener");
  dialog.close();
  if (href) location.assign(href);
  else if (theme) choose(theme);
  else if (deed.api) act(deed.name, deed.api, deed.body, { done: deed.done });
  else send(deed.action);
}

// What has no API is a form.
function send(action) {
  const form = make("form", { method: "post", action, hidden: "" });
  document.body.append(form);
  form.submit();
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});
field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const last = items.length - 1;
  const steps = {
    ArrowDown: () => mark(at >= last ? 0 : at + 1),
    ArrowUp: () => mark(at <= 0 ? last : at - 1),
    PageDown: () => mark(Math.min(at + 8, last)),
    PageUp: () => mark(Math.max(at - 8, 0)),
    Enter: () => chosen(event.ctrlKey || event.metaKey),
  };
  if (!Object.hasOwn(steps, event.key)) return;
  event.preventDefault();
  steps[event.key]();
});

// What is typed fast is looked up before it counts.
async function chosen(apart) {
  clearTimeout(timer);
  if (list.dataset.for !== field.value) await ask();
  const found = items[at];
  if (found) take(found.one, apart);
}

list.addEventListener("pointermove", ({ target }) => {
  const next = items.findIndex(({ option }) => option === target.closest(".one"));
  if (next >= 0 && next !== at) mark(next);
});
list.addEventListener("click", (event) => {
  const found = items.find(({ option }) => option === event.target.closest(".one"));
  if (found) take(found.one, event.ctrlKey || event.metaKey);
});
close.addEventListener("click", () => dialog.close());
// A press beside the dialog closes it.
dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
