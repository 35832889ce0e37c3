// The live page: frames into the store, and once per animation frame from there to the DOM.

import { Cards, KINDS, matcher } from "./cards.js";
import { drawCard, drawRuns, newCard, put, set, show } from "./draw.js";
import { isOpen, tell as notify } from "./notify.js";
import { SharedFeed } from "./shared.js";
import { speak, warn } from "./speak.js";
import { _, ngettext, number, said } from "./gettext.js";
import { begin, reduce } from "./store.js";
import { isRunning, needOf, now, outcomeOf, relative, resultOf, sentenceOf, setClock } from "./words.js";

const $ = (id) => document.getElementById(id);
const first = JSON.parse($("first").textContent);
let state = begin(first);
let drawn = { accounts: state.accounts, runs: state.runs, paused: state.paused };
const address = new URLSearchParams(location.search);
const wanted = { kind: Object.hasOwn(KINDS, address.get("state")) ? address.get("state") : "all", text: address.get("q") ?? "" };
const cards = new Cards($("cards"), (id) => {
  const card = newCard($("card"), id);
  fill(card, state.accounts.get(id));
  return card;
});
if (address.get("from")) cards.limit = Infinity;
let hour = null; // no card waits for it
import("./hour.js").then(({ Hour }) => { hour = new Hour($("hour")); });

// Drawing

const fill = (card, entry) => drawCard(card, entry, { allPaused: state.paused, template: $("card") });

let asked = false;
function soon() {
  if (!asked) requestAnimationFrame(draw);
  asked = true;
}

function draw() {
  asked = false;
  const { accounts, runs, paused, workers } = state;
  const matches = matcher(wanted, paused);
  const known = drawn;
  drawn = { accounts, runs, paused };
  if (accounts !== known.accounts && state.isWhole) cards.follow(accounts, matches, wanted.kind === "all");
  for (const [id, card] of cards.nodes) {
    const entry = accounts.get(id);
    if (entry && (paused !== known.paused || known.accounts.get(id) !== entry)) fill(card, entry);
  }
  if (runs !== known.runs) drawRuns($("runs").tBodies[0], $("run"), runs);
  show($("recent"), runs.length > 0);
  show(document.querySelector(".bar [data-act=pause-all]"), !paused);
  show(document.querySelector(".bar [data-act=resume-all]"), Boolean(paused));
  drawStanding(workers.online);
  if (!state.isWhole) return;
  if (accounts !== known.accounts) drawNeeds();
  show($("some"), accounts.size > 0);
  show($("hour"), accounts.size > 0);
  show($("needs"), accounts.size > 0);
  show($("none"), accounts.size === 0);
  drawFound();
  drawHead();
}

// What holds for all accounts. `online` is null while it is not known.
function drawStanding(online) {
  const says = state.feedDown ? "feed-down" : online === 0 ? "no-workers" : state.paused ? "paused" : online ? "workers" : "";
  set($("standing"), "data-says", says);
  if (online) put($("workers").lastElementChild, ngettext("{0} worker is online", "{0} workers are online", online));
}

async function drawNeeds() {
  const panel = $("needs");
  if (panel.dataset.tone !== "bad" && ![...state.accounts.values()].some(needOf)) return;
  (await import("./needs.js")).drawNeeds(panel, $("need"), [...state.accounts.values()]);
}

function drawFound() {
  const { order, limit } = cards;
  const entries = [...state.accounts.values()];
  for (const link of document.querySelectorAll("[data-kind]")) {
    const { kind } = link.dataset;
    put(link.lastElementChild, number(entries.filter((entry) => KINDS[kind](entry, state.paused)).length));
    if (kind === wanted.kind) set(link, "aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  show($("no-match"), !order.length);
  show($("more"), order.length > limit);
  put($("more"), ngettext("Show all {0} account", "Show all {0} accounts", order.length));
}

function drawHead() {
  const sentence = state.isWhole ? sentenceOf(state) : $("sentence").textContent;
  put($("sentence"), sentence);
  const all = [...state.accounts.values()];
  const needy = all.filter(needOf).length;
  const working = all.filter(({ status }) => isRunning(status)).length;
  const lost = !["live", "polling", "start"].includes($("feed").dataset.state);
  const title = needy ? `(${needy}!) ${sentence}` : working ? `(${working}) ${sentence}` : sentence;
  document.title = `${lost ? _("Not live") : title} · Mailbeat`;
  const icon = lost ? "lost" : needy ? "needy" : working ? "working" : "calm";
  set($("favicon"), "href", new URL(`./icons/${icon}.svg`, import.meta.url).href);
}

// Finding: by state and by address, as the links and the form do without this script

let searched;
function find(changes) {
  Object.assign(wanted, changes);
  const query = new URLSearchParams({ ...(wanted.kind !== "all" && { state: wanted.kind }), ...(wanted.text && { q: wanted.text }) });
  history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  cards.sort(state.accounts, matcher(wanted, state.paused));
  drawFound();
  clearTimeout(searched);
  searched = setTimeout(() => speak(ngettext("{0} account shown.", "{0} accounts shown.", cards.order.length)), 1000);
}

function settle() {
  if (!state.isWhole || document.hidden) return;
  cards.settle(state.accounts, matcher(wanted, state.paused));
  drawFound();
}
setInterval(settle, 5000);

$("find").addEventListener("click", (event) => {
  const kind = event.target.closest("[data-kind]")?.dataset.kind;
  if (!kind || !state.isWhole || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  find({ kind });
});
$("find").addEventListener("submit", (event) => state.isWhole && event.preventDefault());
$("find").elements.q.addEventListener("input", (event) => state.isWhole && find({ text: event.target.value }));
$("more").addEventListener("click", (event) => {
  event.preventDefault();
  cards.limit = Infinity;
  cards.place();
  drawFound();
});

// Speaking: results politely, what needs a person at once

function tell(before, after) {
  for (const [id, entry] of after.accounts) {
    const known = before.accounts.get(id);
    if (!known || known === entry) continue;
    notify(known, entry);
    const need = needOf(entry);
    if (need && !needOf(known)) warn(_("{0} needs you: {1}", entry.status.email_address, said(need.error_message)));
    if (entry.last && entry.last !== known.last && !need) {
      speak(`${entry.status.email_address}: ${_(outcomeOf(entry.last).word)}, ${resultOf(entry.last)}.`, true);
    }
  }
}

// The feed

const SAID = {
  connecting: ["quiet", "Connecting"],
  live: ["good", "Live"],
  reconnecting: ["warn", "Reconnecting"],
  polling: ["warn", "Polling"],
  offline: ["bad", "Offline"],
  "signed-out": ["bad", "Signed out"],
};
let feedState = { name: "connecting", tryAt: null };

function drawFeed() {
  const { name, tryAt } = feedState;
  const [tone, word] = SAID[name];
  const seconds = tryAt ? Math.max(0, Math.ceil((tryAt - Date.now()) / 1000)) : null;
  set($("feed"), "data-state", name);
  const pill = $("feed").querySelector(".pill");
  set(pill, "data-tone", tone);
  put(pill.querySelector(".say"), name === "reconnecting" && seconds !== null ? _("Reconnecting in {0} s", seconds) : _(word));
  show($("retry"), ["reconnecting", "polling", "offline"].includes(name));
  show($("sign-in"), name === "signed-out");
  const age = document.querySelector(".feed .age");
  if (feed.heard) {
    const text = relative(new Date(feed.heard + now() - Date.now()).toISOString());
    put(age, name === "live" && text === _("just now") ? "" : _("data {0}", text));
    age.title = _("When the last news came from the server");
  }
  document.body.classList.toggle("stale", !["live", "polling", "connecting"].includes(name));
}

const feed = new SharedFeed({
  socketURL: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/status`,
  statusURL: "/api/processing/current-status",
  onFrame(frame) {
    if (["hello", "snapshot", "heartbeat"].includes(frame.type)) setClock(frame.timestamp);
    if (frame.type === "snapshot" && feedState.name === "live") feed.ask("get_recent_runs", { limit: 10 });
    const before = state;
    state = reduce(state, frame);
    if (state === before) return;
    if (state.isWhole && !before.isWhole) learnLastRuns();
    if (frame.data?.progress || frame.type === "run_finished") hour?.stir();
    tell(before, state);
    soon();
  },
  onState(next) {
    feedState = next;
    drawFeed();
    drawHead();
  },
});
// Of many accounts the page was served with few, and the feed tells no runs of long ago.
async function learnLastRuns() {
  try {
    const response = await fetch("/api/processing/last-runs");
    state = reduce(state, { type: "last_runs", data: (await response.json()).items });
    soon();
  } catch {
    // Then the cards say nothing of a last run until the next one.
  }
}

// The count of the day is the server's: a day ends, and news is missed while asleep.
async function recount() {
  if (document.hidden || feedState.name === "signed-out") return;
  try {
    const response = await fetch("/api/statistics?days=1");
    const { messages } = await response.json();
    state = reduce(state, { type: "labeled_today", data: messages.labeled_today });
    soon();
  } catch {
    // The next time, then.
  }
}
setInterval(recount, 300_000);
document.addEventListener("visibilitychange", recount);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && state.isWhole) cards.sort(state.accounts, matcher(wanted, state.paused));
});

show($("notify-hint"), isOpen());
$("needs").addEventListener("toggle", () => $("needs").querySelector("ul").removeAttribute("style"));
$("retry").addEventListener("click", () => feed.retry());
setInterval(drawFeed, 1000);

// Buttons: through the API, without leaving the page

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const { act: name, api, body = "{}" } = form.dataset;
  if (!api) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const { act } = await import("./act.js");
    const who = form.closest(".card")?.querySelector("h3 a").title;
    await act(name, api, JSON.parse(body), { who, after: () => feed.look() });
  } finally {
    button.disabled = false;
  }
});
// While the server can be reached: it tells when that is over.
setTimeout(() => import("./act.js"), 3000);
