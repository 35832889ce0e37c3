// The page of a run that goes on, or that waits for a worker: kept as it is at this moment,
// and loaded again, where it stood, when it has ended.

import { act } from "./act.js";
import { put, set, show } from "./draw.js";
import { _, number, said } from "./gettext.js";
import { SharedFeed } from "./shared.js";
import { about, duration, isRunning, markOf, phaseBars, setClock } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const ORDER = ["connecting", "fetching", "processing", "categorizing", "labeling"];
const LOOK = 2000; // ms between two looks at what no frame tells: counts and phases
const $ = (id) => document.getElementById(id);
const meter = $("meter");
const id = meter.dataset.run;
const waits = meter.dataset.waits !== undefined;
const told = $("told");

// What a person began to choose is not taken away.
function ended() {
  const isBusy = $("chooser")?.open || document.activeElement?.closest("#mails");
  if (!isBusy) return location.reload();
  const again = Object.assign(document.createElement("a"), { href: "", textContent: _("Show how it ended") });
  told.replaceChildren(_("The run has ended. "), again);
}

function onStatus(status) {
  if (status.run_id !== id || !isRunning(status)) return;
  if (waits) return ended();
  const { word, icon, tone } = markOf({ status, last: null }, false);
  const pill = document.querySelector(".top .pill");
  set(pill, "data-tone", tone);
  set(pill.querySelector("use"), "href", `#i-${icon}`);
  put(pill.lastElementChild, _(word));
  put($("step"), said(status.current_step));
  put($("left"), status.eta_seconds == null ? "" : _("About {0} left", about(status.eta_seconds)));
  if (status.progress) {
    set($("progress"), "max", Math.max(status.progress.total, 1));
    set($("progress"), "value", status.progress.current);
  }
  look();
}

let looked = 0;
let later = null;
function look() {
  const wait = looked + LOOK - Date.now();
  if (wait > 0) {
    later ??= setTimeout(look, wait);
    return;
  }
  clearTimeout(later);
  later = null;
  looked = Date.now();
  read();
}

async function read() {
  const answer = await fetch(`/api/processing/runs/${encodeURIComponent(id)}`).catch(() => null);
  if (!answer?.ok) return;
  const run = await answer.json();
  if (run.end_time) return ended();
  for (const node of document.querySelectorAll("[data-count]")) put(node, number(run[node.dataset.count]));
  drawLanes(run);
}

function drawLanes(run) {
  const list = $("lanes");
  if (!list) return;
  const bars = phaseBars(run);
  const states = ORDER.filter((state) => bars.some((bar) => bar.state === state));
  list.replaceChildren(...states.map((state) => lane(state, bars.filter((bar) => bar.state === state))));
}

function lane(state, bars) {
  const item = document.createElement("li");
  item.dataset.phase = state;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  for (const { start, width } of bars) {
    const rect = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ x: `${start}%`, width: `${width}%`, height: "100%", rx: 2 }))
      rect.setAttribute(name, value);
    svg.append(rect);
  }
  const name = Object.assign(document.createElement("span"), { textContent: _(state) });
  const took = bars.reduce((sum, bar) => sum + bar.seconds, 0);
  const num = Object.assign(document.createElement("span"), { className: "num", textContent: duration(took) });
  item.append(name, svg, num);
  return item;
}

function onRun(run) {
  if (run.run_id === id) ended();
}

new SharedFeed({
  socketURL: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/status`,
  statusURL: "/api/processing/current-status",
  onFrame({ type, data, timestamp }) {
    if (["hello", "snapshot", "heartbeat"].includes(type)) setClock(timestamp);
    if (type === "status_update" && data) onStatus(data);
    else if (type === "run_finished") onRun(data);
    else if (type === "snapshot") {
      data.accounts.forEach(onStatus);
      data.recent_runs.forEach(onRun);
      if (!waits) look();
    }
  },
  onState({ name }) {
    const isLost = !["live", "polling", "connecting"].includes(name);
    put(told, isLost ? _("Not live at the moment: load the page again for what is newer.") : "");
    show(told, isLost);
  },
});

document.addEventListener("submit", (event) => {
  const { act: name, api } = event.target.dataset;
  if (name !== "cancel" || !api) return;
  event.preventDefault();
  act(name, api, {});
});
