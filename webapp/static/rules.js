// A rule is tried on the last messages while one types; only operators that fit are offered.

import { _ } from "./gettext.js";

const form = document.getElementById("rule");
const panel = document.getElementById("preview");
const title = document.getElementById("preview-title");
const found = panel?.querySelector(".found");
const rows = document.getElementById("rows");
const fits = rows ? JSON.parse(rows.dataset.operators) : {};

function fit(row) {
  const [field, operator, value] = row.querySelectorAll("[name]");
  const known = fits[field.value.startsWith("header:") ? "header" : field.value];
  for (const option of operator.options) option.hidden = option.disabled = !!known && !known.includes(option.value);
  if (operator.selectedOptions[0]?.disabled) operator.value = known[0];
  value.disabled = operator.value.endsWith("exists");
  // What is disabled is not sent, and the values would move up a line.
  value.name = value.disabled ? "" : "value";
  hold(row).disabled = !value.disabled;
}

// Stands for the value of a line that needs none.
function hold(row) {
  let it = row.querySelector("[type=hidden]");
  if (!it) {
    it = Object.assign(document.createElement("input"), { type: "hidden", name: "value", value: "" });
    row.append(it);
  }
  return it;
}

function message(one) {
  const item = document.createElement("li");
  const from = Object.assign(document.createElement("a"), { className: "from clip", href: `/messages/${one.message_id}` });
  const subject = Object.assign(document.createElement("span"), { className: "sub clip" });
  from.append(Object.assign(document.createElement("bdi"), { textContent: one.sender }));
  subject.append(Object.assign(document.createElement("bdi"), { textContent: one.subject }));
  item.append(from, subject);
  if (!one.would_change)
    item.append(Object.assign(document.createElement("span"), { className: "badge", textContent: _("is that already") }));
  return item;
}

let asked = 0;

async function look() {
  const number = ++asked;
  const body = new FormData(form);
  body.set("do", "preview");
  const isEmpty = rows && ![...rows.querySelectorAll("[name=field]")].some((one) => one.value);
  if (isEmpty) return void (panel.hidden = true);
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(body),
  }).catch(() => null);
  if (number !== asked || !answer?.ok) return;
  const said = await answer.json();
  if (number !== asked) return;
  panel.hidden = false;
  title.textContent = said.said;
  panel.classList.toggle("is-wrong", !said.ok);
  found.replaceChildren(...said.items.map(message));
}

function soon() {
  clearTimeout(soon.timer);
  soon.timer = setTimeout(look, 400);
}

if (form) {
  for (const row of rows?.children ?? []) fit(row);
  form.addEventListener("input", ({ target }) => {
    const row = target.closest(".row");
    if (row) fit(row);
    soon();
  });
  form.addEventListener("submit", (event) => {
    const wish = event.submitter?.value;
    if (wish === "preview") {
      event.preventDefault();
      look();
    } else if (wish === "more" && rows.children.length < 12) {
      event.preventDefault();
      const row = rows.lastElementChild.cloneNode(true);
      row.querySelectorAll("small, [type=hidden]").forEach((one) => one.remove());
      for (const one of row.children) {
        if (one.options) one.selectedIndex = 0;
        else Object.assign(one, { value: "", name: "value", disabled: false });
        one.removeAttribute("aria-invalid");
        one.setAttribute("aria-label", one.getAttribute("aria-label").replace(/\d+$/, rows.children.length + 1));
      }
      rows.append(row);
      fit(row);
      row.querySelector("select").focus();
    }
  });
}
