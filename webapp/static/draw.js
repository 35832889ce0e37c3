// From what the store knows to the DOM the server made. Text enters by textContent only,
// and only where it changed.

import { _, said as spoken } from "./gettext.js";
import * as words from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export const put = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};
// One that is too long for its line goes on after its @.
const putAddress = (node, address) => {
  if (node.textContent === address) return;
  const at = address.indexOf("@") + 1;
  node.replaceChildren(address.slice(0, at), document.createElement("wbr"), address.slice(at));
};
export const set = (node, name, value) => {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
};
export const show = (node, shown) => {
  if (node && node.hidden === shown) node.hidden = !shown;
};

export function time(iso, node) {
  if (node.getAttribute("datetime") !== iso) {
    node.setAttribute("datetime", iso);
    node.title = words.exact(iso);
  }
  put(node, words.relative(iso, node.className === "due"));
  return node;
}

// What stands between backticks is code; one without a partner is a letter like others.
export function prose(node, text) {
  if (node.textContent === text.replaceAll("`", "")) return;
  const parts = text.split("`");
  if (parts.length % 2 === 0) return put(node, text);
  node.replaceChildren(
    ...parts.map((part, odd) => {
      if (odd % 2 === 0) return part;
      const code = document.createElement("code");
      code.textContent = part;
      return code;
    }),
  );
}

// "text <time>", where the text may be empty and the time absent.
function said(node, text, iso, kind = "") {
  const at = node.querySelector("time");
  if (!iso) {
    put(node, text);
  } else if (at && node.firstChild !== at && node.firstChild.data === text) {
    at.className = kind;
    time(iso, at);
  } else {
    const fresh = document.createElement("time");
    fresh.className = kind;
    node.replaceChildren(text, time(iso, fresh));
  }
}

function badge(node, { word, icon, tone }) {
  set(node, "data-tone", tone);
  set(node.querySelector("use"), "href", `#i-${icon}`);
  put(node.querySelector("span"), _(word));
}

export function drawCard(card, entry, { allPaused, template }) {
  const { status, last } = entry;
  const mark = words.markOf(entry, allPaused);
  const running = words.isRunning(status);
  const failed = Boolean(status.error_message) && !running;
  const find = (selector) => card.querySelector(selector);
  set(card, "data-tone", mark.tone);
  badge(find(".pill"), mark);
  const link = find("h3 a");
  put(link.firstElementChild, status.email_address);
  set(link, "title", status.email_address);
  drawSteps(card, words.stepsOf(entry));

  const why = find(".why");
  const message = spoken(status.error_message ?? "");
  prose(why, message);
  set(why, "title", message);
  show(why, failed);
  show(find(".line"), !failed);
  put(find(".step"), words.lineOf(entry) ?? "");
  const progress = running ? status.progress : null;
  put(find(".count"), progress ? `${progress.current}/${progress.total}` : "");
  put(find(".rate"), words.rateOf(status));
  const bar = find("progress");
  show(bar, !failed);
  bar.classList.toggle("unused", !progress);
  set(bar, "max", Math.max(status.progress?.total ?? 1, 1));
  set(bar, "value", status.progress?.current ?? 0);

  said(find(".last"), last ? words.beforeOf(entry) : last === null ? _("No run yet") : "", last?.end_time);
  const paused = status.paused || allPaused;
  const left = status.eta_seconds;
  if (running && left != null) said(find(".next"), _("About {0} left", words.about(left)));
  else if (running) said(find(".next"), _("Started "), status.start_time);
  else if (paused) said(find(".next"), _("No next run"));
  else said(find(".next"), status.next_run_at ? _("Next ") : "", status.next_run_at, "due");
  const wanted = {
    run: !running && !paused,
    cancel: running,
    pause: !status.paused,
    resume: status.paused && !status.setting_up,
    go: status.setting_up,
  };
  drawActs(card, { status, wanted, template });
}

function drawSteps(card, steps) {
  card.querySelectorAll(".steps li").forEach((item, i) => {
    if (item.className === `is-${steps[i]}`) return;
    item.className = `is-${steps[i]}`;
    if (steps[i] === "now") item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

// Buttons come when they are first wanted, in the order of the template.
function drawActs(card, { status, wanted, template }) {
  const acts = card.querySelector(".acts");
  if (!acts) return; // this key may only read
  let place = acts.firstElementChild;
  for (const model of template.content.querySelectorAll("[data-act]")) {
    const { act: name } = model.dataset;
    let node = acts.querySelector(`[data-act=${name}]`);
    if (!node && !wanted[name]) continue;
    if (!node) node = acts.insertBefore(own(model.cloneNode(true), status.account_id), place);
    show(node, wanted[name]);
    place = node.nextElementSibling;
    if (name === "cancel") {
      const path = `/runs/${encodeURIComponent(status.run_id)}/cancel`;
      set(node, "action", path);
      set(node, "data-api", `/api/processing${path}`);
    }
  }
}

// What the template has for account 0 becomes an account's.
function own(node, id) {
  const mine = (path) => path.replace("/accounts/0", `/accounts/${id}`);
  if (node.href) set(node, "href", mine(node.getAttribute("href")));
  if (node.action) set(node, "action", mine(node.getAttribute("action")));
  const { api, body } = node.dataset;
  if (api) node.dataset.api = mine(api);
  if (body) node.dataset.body = JSON.stringify({ account_id: id });
  return node;
}

export function newCard(template, id) {
  const card = template.content.firstElementChild.cloneNode(true);
  card.dataset.account = id;
  card.setAttribute("aria-labelledby", `a${id}`);
  card.querySelector("h3").id = `a${id}`;
  own(card.querySelector("h3 a"), id);
  card.querySelector(".acts")?.replaceChildren();
  return card;
}

// Rows are filled in place, first to last: nothing on the page moves when a run ends.
export function drawRuns(body, template, runs) {
  while (body.rows.length < runs.length)
    body.append(template.content.querySelector("tr").cloneNode(true));
  runs.forEach((run, i) => drawRun(body.rows[i], run));
}

export function drawRun(row, run) {
  const [, , , , took, when] = row.cells;
  time(run.end_time ?? run.start_time, when.firstElementChild);
  if (row.dataset.run === run.run_id) return;
  row.dataset.run = run.run_id;
  const link = row.querySelector("a");
  link.href = `/runs/${encodeURIComponent(run.run_id)}`;
  link.title = run.email_address;
  putAddress(link.firstElementChild, run.email_address);
  badge(row.querySelector(".word"), words.outcomeOf(run));
  put(row.querySelector(".what"), words.resultOf(run));
  drawPhases(row.querySelector(".phases"), run);
  put(took, words.duration(run.duration_seconds));
}

function drawPhases(svg, run) {
  const bars = words.phaseBars(run);
  const totals = new Map();
  svg.replaceChildren(
    ...bars.map(({ state, start, width, seconds }) => {
      totals.set(state, (totals.get(state) ?? 0) + seconds);
      const rect = document.createElementNS(SVG, "rect");
      rect.dataset.phase = state;
      const box = { x: `${start.toFixed(2)}%`, width: `${width.toFixed(2)}%`, height: "100%" };
      for (const [name, value] of Object.entries(box)) rect.setAttribute(name, value);
      const title = document.createElementNS(SVG, "title");
      title.textContent = `${_(state)}: ${words.duration(seconds)}`;
      rect.append(title);
      return rect;
    }),
  );
  set(svg, "aria-label", [...totals].map(([state, seconds]) => `${_(state)} ${words.duration(seconds)}`).join(", "));
}
