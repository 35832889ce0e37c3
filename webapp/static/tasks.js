// The list of tasks: rows change in place, and new ones wait behind a button until they
// are asked for, so that nothing moves under the pointer.

import { put, set, show, time } from "./draw.js";
import { _, ngettext } from "./gettext.js";
import { SharedFeed } from "./shared.js";
import { duration, now, setClock } from "./words.js";

const ASK_EVERY = 30_000; // ms; the server tells of tasks for a minute
const MOST_NEW = 50; // rows that wait
const MOST_ROWS = 200;
const ENDS = ["succeeded", "failed", "revoked", "rejected"];
const GROUPS = {
  waiting: ["sent", "received", "retrying"],
  running: ["started", "connecting", "fetching", "processing", "categorizing", "labeling"],
};
// As dashboard/task_pages.py has them.
const MARKS = {
  sent: [_("Sent"), "clock", "quiet"],
  received: [_("Waiting"), "inbox", "quiet"],
  started: [_("Running"), "play", "work"],
  connecting: [_("Connecting"), "plug", "work"],
  fetching: [_("Fetching"), "inbox", "work"],
  processing: [_("Processing"), "inbox", "work"],
  categorizing: [_("Categorizing"), "layers", "work"],
  labeling: [_("Labeling"), "tag", "work"],
  retrying: [_("Retrying"), "refresh", "warn"],
  unknown: [_("Unknown"), "ask", "quiet"],
  succeeded: [_("Done"), "check", "good"],
  failed: [_("Failed"), "alert", "bad"],
  revoked: [_("Revoked"), "cross", "quiet"],
  rejected: [_("Rejected"), "cross", "warn"],
};

const $ = (id) => document.getElementById(id);
const [table, blank, fresh] = [$("tasks"), $("task-row"), $("fresh")];
const body = table.tBodies[0];
const rows = new Map([...body.rows].map((row) => [row.dataset.task, { row, task: null }]));
const news = new Map(); // by id, those that wait
let missed = 0; // that came and are not among them
const changed = new Set();
const wanted = Object.fromEntries(new URLSearchParams(location.search));

// What is heard later says only what it knows; null is no news.
function merge(known, told) {
  if (!known) return told;
  if (ENDS.includes(known.state) && !ENDS.includes(told.state)) return known;
  const merged = { ...known };
  for (const [name, value] of Object.entries(told)) if (value !== null) merged[name] = value;
  merged.received_at = known.received_at < told.received_at ? known.received_at : told.received_at;
  return merged;
}

function fits(task) {
  if (!task.name) return false; // an old one of which only its end was heard
  const { q, state, name, worker, time: span } = wanted;
  if (state && !(GROUPS[state] ?? [state]).includes(task.state)) return false;
  if ((name && task.name !== name) || (worker && task.worker !== worker)) return false;
  const texts = [task.name, task.arguments, task.exception, task.task_id];
  if (q && !texts.some((text) => text?.toLowerCase().includes(q.toLowerCase()))) return false;
  return !span || now() - Date.parse(task.received_at) < 3_600_000;
}

function fill(row, task) {
  const [what, state, worker, took, at] = row.cells;
  set(row, "data-state", task.state);
  if (task.name) {
    const link = what.querySelector("a");
    put(link.firstChild, task.name);
    set(link, "title", task.name);
  }
  const arg = task.account_id ? _("account {0}", task.account_id) : task.arguments;
  if (arg) put(what.querySelector(".sub bdi"), arg);
  const [said, icon, tone] = MARKS[task.state];
  const word = state.querySelector(".word");
  set(word, "data-tone", tone);
  set(word.querySelector("use"), "href", `#i-${icon}`);
  put(word.lastElementChild, said);
  const why = task.state === "failed" ? task.exception : task.retries ? _("retry {0}", task.retries) : "";
  put(state.querySelector(".sub bdi"), why ?? "");
  if (task.worker) {
    put(worker.firstChild, task.worker);
    set(worker, "title", task.worker);
  }
  if (task.runtime_seconds !== null) put(took, duration(task.runtime_seconds));
  time(task.received_at, at.querySelector("time"));
}

function newRow(task) {
  const row = blank.content.firstElementChild.cloneNode(true);
  row.dataset.task = task.task_id;
  row.querySelector("a").href = `/tasks/${encodeURIComponent(task.task_id)}`;
  row.classList.add("is-new");
  fill(row, task);
  return row;
}

let asked = false;
function soon() {
  if (!asked) requestAnimationFrame(draw);
  asked = true;
}

function draw() {
  asked = false;
  for (const id of changed) {
    const { row, task } = rows.get(id);
    fill(row, task);
  }
  changed.clear();
  const waiting = [...news.values()].filter(fits).length + missed;
  show(fresh, waiting > 0);
  if (waiting) put(fresh.lastElementChild, ngettext("{0} new task", "{0} new tasks", waiting));
}

function take({ items, more }) {
  for (const task of items) {
    const known = rows.get(task.task_id);
    if (known) {
      known.task = merge(known.task, task);
      changed.add(task.task_id);
    } else {
      news.set(task.task_id, merge(news.get(task.task_id), task));
    }
  }
  while (news.size > MOST_NEW) {
    const [id, task] = news.entries().next().value;
    news.delete(id);
    missed += fits(task) ? 1 : 0;
  }
  missed += wanted.q || wanted.name || wanted.worker || wanted.state ? 0 : more;
  soon();
}

fresh.addEventListener("click", () => {
  const found = [...news.values()].filter(fits).sort((a, b) => (a.received_at < b.received_at ? -1 : 1));
  for (const task of found) {
    const row = newRow(task);
    rows.set(task.task_id, { row, task });
    body.prepend(row);
  }
  while (body.rows.length > MOST_ROWS) {
    rows.delete(body.rows[body.rows.length - 1].dataset.task);
    body.deleteRow(-1);
  }
  put($("polite"), ngettext("{0} new task", "{0} new tasks", found.length));
  news.clear();
  missed = 0;
  show(table, body.rows.length > 0);
  if ($("no-tasks")) show($("no-tasks"), !body.rows.length);
  table.querySelector("tbody a")?.focus({ preventScroll: true });
  draw();
});

// The feed

const SAID = {
  connecting: ["quiet", _("Connecting")],
  live: ["good", _("Live")],
  reconnecting: ["warn", _("Reconnecting")],
  polling: ["warn", _("Not live")],
  offline: ["bad", _("Offline")],
  "signed-out": ["bad", _("Signed out")],
};
const feed = new SharedFeed({
  socketURL: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/status`,
  statusURL: "/api/processing/current-status",
  onFrame(frame) {
    if (["hello", "snapshot", "heartbeat"].includes(frame.type)) setClock(frame.timestamp);
    if (frame.type === "hello") feed.ask("watch_tasks");
    if (frame.type === "tasks") take(frame.data);
  },
  onState({ name }) {
    const [tone, said] = SAID[name];
    set($("task-feed"), "data-tone", tone);
    put($("task-feed").firstElementChild, said);
    if (name === "live") watch();
  },
});
show($("feed-bar"), true);

let watchedAt = -Infinity;
function watch() {
  if (document.hidden || performance.now() - watchedAt < 1000) return;
  watchedAt = performance.now();
  feed.ask("watch_tasks");
}
setInterval(watch, ASK_EVERY);
document.addEventListener("visibilitychange", watch);
