// The list of runs goes on while one looks: what runs is shown where it stands, what came
// since is counted above. Nothing moves, and the list is another when one asks for it.

import { drawRun, put, set } from "./draw.js";
import { _, ngettext, said } from "./gettext.js";
import { SharedFeed } from "./shared.js";
import { speak } from "./speak.js";
import { isRunning, markOf, setClock } from "./words.js";

const section = document.getElementById("follow");
const wanted = JSON.parse(section.dataset.follow);
const newer = document.getElementById("newer");
const rows = new Map([...section.querySelectorAll("[data-run]")].map((row) => [row.dataset.run, row]));
const open = new Set();
for (const row of rows.values()) if (row.dataset.open !== undefined) open.add(row.dataset.run);
const fresh = new Set();

function belongs({ account_id: id, email_address: address, outcome = null, error_code: code }) {
  if (wanted.accounts && !wanted.accounts.includes(id)) return false;
  if (wanted.part && !address.toLowerCase().includes(wanted.part.toLowerCase())) return false;
  return (!wanted.outcome || wanted.outcome === outcome) && (!wanted.error_code || wanted.error_code === code);
}

function tell(id) {
  if (fresh.has(id)) return;
  fresh.add(id);
  put(newer.lastElementChild, ngettext("{0} newer run", "{0} newer runs", fresh.size));
  if (newer.hidden) speak(_("There are newer runs."));
  newer.hidden = false;
}

function onStatus(status) {
  const { run_id: id } = status;
  if (!id || !isRunning(status)) return;
  const row = rows.get(id);
  if (!row) {
    if (status.start_time > wanted.since && !wanted.outcome && !wanted.error_code && belongs(status)) tell(id);
  } else if (open.has(id)) {
    const { word, icon, tone } = markOf({ status, last: null }, false);
    const mark = row.querySelector(".word");
    set(mark, "data-tone", tone);
    set(mark.querySelector("use"), "href", `#i-${icon}`);
    put(mark.lastElementChild, _(word));
    put(row.querySelector(".what"), said(status.current_step));
  }
}

function onRun(run) {
  const row = rows.get(run.run_id);
  if (!row) {
    if (run.end_time > wanted.since && belongs(run)) tell(run.run_id);
  } else if (open.delete(run.run_id)) {
    row.dataset.run = ""; // so that all of it is drawn anew
    drawRun(row, run);
  }
}

const notLive = document.getElementById("not-live");
let isLive = false;
const feed = new SharedFeed({
  socketURL: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/status`,
  statusURL: "/api/processing/current-status",
  onFrame({ type, data, timestamp }) {
    if (["hello", "snapshot", "heartbeat"].includes(type)) setClock(timestamp);
    if (type === "status_update" && data) onStatus(data);
    else if (type === "run_finished") onRun(data);
    else if (type === "recent_runs") data.forEach(onRun);
    else if (type === "snapshot") {
      data.accounts.forEach(onStatus);
      data.recent_runs.forEach(onRun);
      if (isLive) feed.ask("get_recent_runs", { limit: 100 });
    }
  },
  onState({ name }) {
    isLive = name === "live";
    const isLost = !["live", "polling", "connecting"].includes(name);
    notLive.hidden = !isLost;
    put(notLive, isLost ? _("Not live at the moment: load the page again for what is newer.") : "");
  },
});
