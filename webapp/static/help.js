// The sheet of all keys, from the table that the server has of them.

import { signIn } from "./act.js";
import { _ } from "./gettext.js";
import { areOn, switchKeys } from "./keys.js";
import { sheet } from "./sheet.js";

const ready = sheet("palette.css");
const isMac = /^Mac|^iP/.test(navigator.platform);
const dialog = document.createElement("dialog");
dialog.id = "keys";
dialog.setAttribute("aria-labelledby", "keys-title");
document.body.append(dialog);
dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());

const make = (tag, more = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), more);
  node.append(...children);
  return node;
};

function row({ keys, text, together }) {
  const term = make("dt");
  keys.forEach((key, i) => {
    if (i) term.append(make("span", { className: "muted", textContent: together ? "+" : _("then") }));
    term.append(make("kbd", { textContent: isMac && together && !i ? "⌘" : key }));
  });
  return make("div", {}, term, make("dd", { textContent: text }));
}

function fill(tables) {
  const box = make("input", { type: "checkbox", checked: areOn() });
  box.addEventListener("change", () => switchKeys(box.checked));
  const close = make("button", { type: "button", className: "btn bare", textContent: _("Close") });
  close.addEventListener("click", () => dialog.close());
  const parts = tables.map(({ title, rows }) =>
    make("section", {}, make("h3", { textContent: title }), make("dl", { className: "keylist" }, ...rows.map(row))),
  );
  dialog.replaceChildren(
    make("header", {}, make("h2", { id: "keys-title", textContent: _("Keyboard shortcuts") }), close),
    make("div", { className: "sheets", tabIndex: 0 }, ...parts),
    make("footer", {}, make("label", { className: "tick" }, box, " ", _("Use single-key shortcuts. Ctrl-K always works."))),
  );
  dialog.querySelector(".sheets").setAttribute("role", "group");
  dialog.querySelector(".sheets").setAttribute("aria-labelledby", "keys-title");
}

export async function open() {
  if (dialog.open) return;
  document.getElementById("nav")?.hidePopover?.();
  let answer = null;
  try {
    answer = await fetch("/shortcuts", { headers: { Accept: "application/json" } });
  } catch {
    // No server, and no table of its keys.
  }
  if (answer?.redirected) return location.assign(signIn());
  if (!answer?.ok) {
    const { say } = await import("./toast.js");
    return say(_("The list of keys cannot be loaded now."), { bad: true });
  }
  fill((await answer.json()).tables);
  await ready;
  if (!dialog.open) dialog.showModal();
}
