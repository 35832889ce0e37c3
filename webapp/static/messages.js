// Correcting without a new page: by a choice, by keys, and taken back by one more.

import { post } from "./act.js";
import { _, ngettext } from "./gettext.js";
import { isForUs, isSecond } from "./keys.js";
import { say, undo } from "./toast.js";

const list = document.getElementById("mails");
const chooser = document.getElementById("chooser");
const rows = () => [...list.children];
const names = new Map();
for (const one of chooser?.querySelectorAll("button") ?? [])
  names.set(one.value, { name: one.querySelector("bdi").textContent, color: one.dataset.color });

function badge(verdict, text) {
  const old = verdict.querySelector(".badge");
  if (!text) return old?.remove();
  const it = old ?? verdict.appendChild(Object.assign(document.createElement("span"), { className: "badge" }));
  it.textContent = text;
}

function show(row, value, waits) {
  const { name, color } = names.get(value) ?? { name: _("Uncategorized"), color: "none" };
  const verdict = row.querySelector(".verdict");
  const chip = verdict.querySelector(".chip");
  chip.classList.remove("maybe");
  chip.dataset.color = color;
  chip.querySelector("bdi").textContent = value === "0" ? _("Uncategorized") : name;
  verdict.querySelector(".sure")?.remove();
  verdict.querySelector(".confirm")?.remove();
  badge(verdict, waits ? _("label follows in the next run") : "");
  row.querySelector(".evidence bdi").textContent = value === "0" ? _("You chose no category") : _("You chose this");
  row.querySelector(".why").dataset.tone = "work";
  row.querySelector(".by use").setAttribute("href", "#i-you");
  delete row.dataset.suggested;
}

const chosenBody = (value) => ({ category_id: value === "0" ? null : Number(value) });

async function correct(row, value) {
  row.classList.add("is-busy");
  const { data, fault } = await post(`/api/messages/${row.dataset.id}/category`, chosenBody(value));
  row.classList.remove("is-busy");
  if (fault) return say(fault, { bad: true });
  show(row, value, data.label_waits);
  const what = value === "0" ? _("No category.") : _("Filed as {0}.", names.get(value)?.name);
  say(what, { undo: () => takeBack(row, data.correction_id) });
}

async function takeBack(row, id) {
  const { fault } = await post(`/api/corrections/${id}/undo`);
  if (fault) return say(fault, { bad: true });
  history.replaceState(null, "", `#${row.id}`); // it has the focus again then
  location.reload();
}

function current() {
  return document.activeElement?.closest("#mails > li") ?? null;
}

function go(step) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function choose(row) {
  chooser.returnValue = "";
  chooser.showModal();
  chooser.addEventListener(
    "close",
    () => {
      row.focus({ preventScroll: true });
      if (chooser.returnValue) correct(row, chooser.returnValue);
    },
    { once: true },
  );
}

function tick(row) {
  const box = row.querySelector(".pick input");
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  z: () => undo(),
  c: (row) => choose(row),
  y: (row) => row.dataset.suggested && correct(row, row.dataset.suggested),
  x: (row) => tick(row),
  o: (row) => (location.href = row.querySelector(".from").href),
};

function nth(key) {
  const button = [...chooser.querySelectorAll("button")].find((one) => one.querySelector("kbd").textContent === key);
  return button?.value;
}

function onKey(event) {
  if (chooser.open) return event.ctrlKey || event.metaKey || event.altKey || inChooser(event);
  if (!isForUs(event) || isSecond()) return;
  const row = current();
  const needsRow = !"jkz".includes(event.key);
  if (needsRow && !row) return;
  if (/^[0-9]$/.test(event.key)) {
    const value = nth(event.key);
    if (value) correct(row, value);
  } else if (event.key in KEYS) KEYS[event.key](row);
  else return;
  event.preventDefault();
}

// A number chooses, a letter goes to the next one that begins with it.
function inChooser(event) {
  const all = [...chooser.querySelectorAll("button")];
  const at = all.indexOf(document.activeElement);
  const byNumber = /^[0-9]$/.test(event.key) && nth(event.key);
  if (byNumber) chooser.close(byNumber);
  else if (event.key === "ArrowDown" || event.key === "ArrowUp")
    all.at((at + (event.key === "ArrowDown" ? 1 : -1)) % all.length).focus();
  else if (event.key.length === 1) {
    const letter = event.key.toLocaleLowerCase();
    const begins = (one) => one.querySelector("bdi").textContent.toLocaleLowerCase().startsWith(letter);
    [...all.slice(at + 1), ...all].find(begins)?.focus();
  } else return;
  event.preventDefault();
}

function showChosen(form, all) {
  const boxes = rows().map((row) => row.querySelector(".pick input"));
  const count = boxes.filter((box) => box.checked).length;
  form.querySelector(".chosen").textContent = count ? ngettext("{0} ticked", "{0} ticked", count) : _("Tick messages to file them together");
  form.classList.toggle("is-ready", count > 0);
  all.checked = count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
}

function tickTogether() {
  const bulk = document.getElementById("bulk");
  const all = document.getElementById("all");
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const row of rows()) row.querySelector(".pick input").checked = all.checked;
    showChosen(bulk, all);
  });
  list.addEventListener("change", ({ target }) => target.matches(".pick input") && showChosen(bulk, all));
  showChosen(bulk, all);
}

if (list && chooser) {
  for (const row of rows()) row.tabIndex = -1;
  rows().find((row) => `#${row.id}` === location.hash)?.focus({ preventScroll: true });
  list.addEventListener("change", ({ target }) => {
    if (!target.matches(".choose select") || !target.value) return;
    correct(target.closest("li"), target.value);
    target.value = "";
  });
  list.addEventListener("submit", (event) => {
    if (!event.target.matches(".confirm")) return;
    event.preventDefault();
    const row = event.target.closest("li");
    correct(row, row.dataset.suggested);
    row.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", onKey);
  document.querySelector(".keys").hidden = false;
  if (document.getElementById("bulk")) tickTogether();
}
