// The live page: frames into the store, and once per animation frame from there to the DOM.

import { drawCard, drawNeeds, drawRuns, newCard, put, set, show } from "./draw.js";
import { isOpen, tell as notify } from "./notify.js";
import { Feed } from "./socket.js";
import { begin, reduce } from "./store.js";
import { count, isRunning, needOf, now, outcomeOf, relative, resultOf, sentenceOf, setClock } from "./words.js";

const $ = (id) => document.getElementById(id);
let state = begin(JSON.parse($("first").textContent));
let drawn = { accounts: state.accounts, runs: state.runs, paused: state.paused };
const cards = new Map([...document.querySelectorAll("#cards > .card")].map((card) => [Number(card.dataset.account), card]));

// Drawing

let asked = false;
function soon() {
  if (!asked) requestAnimationFrame(draw);
  asked = true;
}

function draw() {
  asked = false;
  const { accounts, runs, paused, workers } = state;
  const all = paused !== drawn.paused;
  for (const [id, entry] of accounts) {
    if (!all && drawn.accounts.get(id) === entry) continue;
    if (!cards.has(id)) {
      cards.set(id, newCard($("card"), id));
      $("cards").append(cards.get(id));
    }
    drawCard(cards.get(id), entry, paused);
  }
  for (const [id, card] of cards)
    if (!accounts.has(id)) {
      card.remove();
      cards.delete(id);
    }
  if (accounts !== drawn.accounts) drawNeeds($("needs"), $("need"), [...accounts.values()]);
  if (runs !== drawn.runs) drawRuns($("runs").tBodies[0], $("run"), runs);
  put($("how-many"), String(accounts.size));
  show($("some"), accounts.size > 0);
  show($("none"), accounts.size === 0);
  show($("recent"), runs.length > 0);
  show($("paused"), Boolean(paused));
  show(document.querySelector(".bar [data-act=pause-all]"), !paused);
  show($("no-workers"), workers.online === 0 && accounts.size > 0);
  show($("feed-down"), Boolean(state.feedDown));
  drawn = { accounts, runs, paused };
  drawHead();
  arrange();
}

function drawHead() {
  const sentence = sentenceOf(state);
  put($("sentence"), sentence);
  const all = [...state.accounts.values()];
  const needy = all.filter(needOf).length;
  const working = all.filter(({ status }) => isRunning(status)).length;
  const lost = !["live", "polling", "start"].includes($("feed").dataset.state);
  const title = needy ? `(${needy}!) ${sentence}` : working ? `(${working}) ${sentence}` : sentence;
  document.title = `${lost ? "Not live" : title} · Mailbeat`;
  const icon = lost ? "lost" : needy ? "needy" : working ? "working" : "calm";
  set($("favicon"), "href", new URL(`./icons/${icon}.svg`, import.meta.url).href);
}

// Working cards come first. They are moved only when one that works is below the edge of
// the window, and never while a pointer or the focus is among them.
let arranged = 0;
function arrange() {
  const grid = $("cards");
  if (Date.now() - arranged < 5000 || grid.matches(":hover, :focus-within")) return;
  const works = ({ dataset }) => isRunning(state.accounts.get(Number(dataset.account)).status);
  const order = [...grid.children];
  if (!order.some((card) => works(card) && card.getBoundingClientRect().top > innerHeight)) return;
  arranged = Date.now();
  const sorted = [...order.filter(works), ...order.filter((card) => !works(card))];
  sorted.forEach((card, i) => grid.children[i] !== card && grid.insertBefore(card, grid.children[i]));
}

// Speaking: results at most every 5 s, what needs a person at once

const results = [];
let spoken = 0;
function speak() {
  if (!results.length) return;
  const wait = spoken + 5000 - Date.now();
  if (wait > 0) {
    setTimeout(speak, wait);
    return;
  }
  spoken = Date.now();
  const last = results.pop();
  const more = results.length ? ` ${count(results.length, "more run")} ended.` : "";
  results.length = 0;
  $("polite").textContent = `${last}.${more}`;
}

function tell(before, after) {
  for (const [id, entry] of after.accounts) {
    const known = before.accounts.get(id);
    if (!known || known === entry) continue;
    notify(known, entry);
    const need = needOf(entry);
    if (need && !needOf(known)) $("urgent").textContent = `${entry.status.email_address} needs you: ${need.error_message}`;
    if (entry.last && entry.last !== known.last && !need) {
      results.push(`${entry.status.email_address}: ${outcomeOf(entry.last).word}, ${resultOf(entry.last)}`);
      if (results.length === 1) speak();
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
  put(pill.querySelector(".say"), name === "reconnecting" && seconds !== null ? `${word} in ${seconds} s` : word);
  show($("retry"), ["reconnecting", "polling", "offline"].includes(name));
  show($("sign-in"), name === "signed-out");
  const age = document.querySelector(".feed .age");
  if (feed.heard) {
    const text = relative(new Date(feed.heard + now() - Date.now()).toISOString());
    put(age, name === "live" && text === "just now" ? "" : `data ${text}`);
    age.title = "When the last news came from the server";
  }
  document.body.classList.toggle("stale", !["live", "polling", "connecting"].includes(name));
}

const feed = new Feed({
  socketURL: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/status`,
  statusURL: "/api/processing/current-status",
  onFrame(frame) {
    if (["hello", "snapshot", "heartbeat"].includes(frame.type)) setClock(frame.timestamp);
    if (frame.type === "snapshot" && feedState.name === "live") feed.ask("get_recent_runs", { limit: 10 });
    const before = state;
    state = reduce(state, frame);
    if (state === before) return;
    tell(before, state);
    soon();
  },
  onState(next) {
    feedState = next;
    drawFeed();
    drawHead();
  },
});
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

show($("notify-hint"), isOpen());
$("retry").addEventListener("click", () => feed.retry());
setInterval(drawFeed, 1000);
feed.retry();

// Buttons: through the API, without leaving the page

let toast = null;
function say(text) {
  toast?.remove();
  toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", "alert");
  toast.textContent = text;
  document.body.append(toast);
  const mine = toast;
  setTimeout(() => mine.remove(), 8000);
}

async function act(form) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const response = await fetch(form.dataset.api, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: form.dataset.body ?? "{}",
    });
    if (response.status === 401) location.assign("/login");
    else if (!response.ok) say((await response.json()).detail ?? `The server answered ${response.status}.`);
    feed.ask("get_current_status");
  } catch {
    say("The server cannot be reached. Nothing was changed.");
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.api) return;
  event.preventDefault();
  act(event.target);
});
