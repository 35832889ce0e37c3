// What the page says about a state, a run, a time: the browser's half of dashboard/words.py.

import { _, lang, ngettext, number, said } from "./gettext.js";

export const RUNNING = new Set(["connecting", "fetching", "processing", "categorizing", "labeling"]);
export const NEEDS_A_PERSON = new Set(["auth_failed", "mailbox_missing", "tls_failed", "label_refused", "host_refused"]);
const STEP_OF = { connecting: 0, fetching: 1, processing: 2, categorizing: 2, labeling: 3 };
const CAUSES = {
  auth_failed: "Sign-in refused",
  connect_failed: "Server not reachable",
  tls_failed: "Certificate not trusted",
  server_busy: "Server busy",
  throttled: "Slowed down by the server",
  mailbox_missing: "Mailbox not found",
  label_refused: "Labels not accepted",
  host_refused: "Host not allowed",
  deadline: "Ran out of time",
  internal: "Fault in Mailbeat",
};
const mark = (word, icon, tone) => ({ word, icon, tone });
const STATES = {
  idle: mark("Waiting", "clock", "quiet"),
  connecting: mark("Connecting", "plug", "work"),
  fetching: mark("Fetching", "inbox", "work"),
  processing: mark("Processing", "inbox", "work"),
  categorizing: mark("Categorizing", "layers", "work"),
  labeling: mark("Labeling", "tag", "work"),
  completed: mark("Done", "check", "good"),
  error: mark("Retrying", "refresh", "warn"),
};
const NEEDS_YOU = mark("Needs you", "alert", "bad");
const PAUSED = mark("Paused", "pause", "quiet");
const SETTING_UP = mark("Being set up", "gear", "warn");
const STOPPING = mark("Stopping", "pause", "quiet");
const OUTCOMES = {
  succeeded: mark("Done", "check", "good"),
  failed: mark("Failed", "alert", "bad"),
  cancelled: mark("Stopped", "cross", "quiet"),
  interrupted: mark("Interrupted", "refresh", "warn"),
};

export const isRunning = (status) => RUNNING.has(status.state);
export const causeOf = (code) => _(CAUSES[code] ?? "Failed");

export function needOf({ status, last }) {
  if (NEEDS_A_PERSON.has(status.error_code)) return status;
  if (isRunning(status) && last && NEEDS_A_PERSON.has(last.error_code)) return last;
  return null;
}

const lastIsOf = ({ status, last }) => last?.run_id === status.run_id;
const wasStopped = (entry) => lastIsOf(entry) && entry.last.outcome === "cancelled";

export const lineOf = (entry) =>
  entry.status.state === "completed" && lastIsOf(entry) ? resultOf(entry.last) : said(entry.status.current_step);
export const beforeOf = (entry) =>
  !isRunning(entry.status) && lastIsOf(entry) ? _("Last run ") : `${resultOf(entry.last)} · `;

export function markOf(entry, allPaused) {
  const { status } = entry;
  const paused = status.paused || allPaused;
  if (isRunning(status)) return paused ? STOPPING : STATES[status.state];
  if (status.setting_up) return SETTING_UP;
  if (NEEDS_A_PERSON.has(status.error_code)) return NEEDS_YOU;
  if (paused) return PAUSED;
  if (wasStopped(entry)) return OUTCOMES.cancelled;
  return STATES[status.state] ?? STATES.idle;
}

export function stepsOf(entry) {
  const { status, last, reached } = entry;
  if (status.state === "completed" && !wasStopped(entry)) return Array(5).fill("done");
  const failed = status.state === "error";
  if (!failed && !isRunning(status)) return Array(5).fill("todo");
  let state = status.state;
  if (failed)
    state = lastIsOf(entry) && last.phases.length ? last.phases.at(-1).state : reached;
  const at = STEP_OF[state] ?? 0;
  return Array.from({ length: 5 }, (_, i) => (i < at ? "done" : i > at ? "todo" : failed ? "bad" : "now"));
}

// How fast it goes, as told while its pace is steady.
export function rateOf(status) {
  const { progress, eta_seconds: left } = status;
  if (!(isRunning(status) && progress && left)) return "";
  const rate = (progress.total - progress.current) / left;
  if (rate >= 10) return `${Math.round(rate)}/s`;
  return rate >= 1 ? `${number(Math.round(rate * 10) / 10, 1)}/s` : `${Math.max(1, Math.round(rate * 60))}/min`;
}

export const outcomeOf = (run) => OUTCOMES[run.outcome] ?? STATES[run.state] ?? STATES.idle;

export function resultOf(run) {
  if (run.outcome === "failed") return causeOf(run.error_code);
  if (run.outcome === "succeeded" && !run.emails_found) return _("Nothing new");
  const { emails_labeled: labeled, emails_processed: processed, emails_failed: failed } = run;
  const text =
    labeled === processed ? _("{0} labelled", number(labeled)) : _("{0} of {1} labelled", number(labeled), number(processed));
  return failed ? _("{0}, {1} failed", text, number(failed)) : text;
}

function idleOf(all, paused) {
  if (paused) return _("Everything is paused");
  const waiting = all.filter((one) => !one.status.paused && !needOf(one)).length;
  return waiting ? ngettext("{0} account waiting", "{0} accounts waiting", waiting) : _("No account waiting");
}

export function sentenceOf({ accounts, paused, labeled }) {
  const all = [...accounts.values()];
  if (!all.length) return _("No account yet");
  const working = all.filter(({ status }) => isRunning(status)).length;
  const needy = all.filter(needOf).length;
  const parts = [working ? ngettext("{1} of {0} account working", "{1} of {0} accounts working", all.length, number(working)) : idleOf(all, paused)];
  if (needy) parts.push(ngettext("{0} needs you", "{0} need you", needy));
  parts.push(ngettext("{0} message labelled today", "{0} messages labelled today", labeled));
  return parts.join(", ");
}

// Times. The server's clock counts: `skew` is how far it is ahead of this one.

let skew = 0;
export const now = () => Date.now() + skew;
export function setClock(timestamp) {
  const ahead = Date.parse(timestamp) - Date.now();
  skew = Math.abs(ahead) > 2000 ? ahead : 0;
}

const UNITS = [["s", 1, 90], ["min", 60, 5400], ["h", 3600, 129600], ["d", 86400, 864000]];
// The zone is the browser's, unless theme.js found that another was chosen.
const { zone: timeZone } = document.documentElement.dataset;
const locale = lang === "de" ? lang : "en-GB";
const DAY = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone });
const EXACT = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone });
export const zone = DAY.resolvedOptions().timeZone;

export function relative(iso, due = false) {
  const seconds = (Date.parse(iso) - now()) / 1000;
  const size = Math.abs(seconds);
  if (due && seconds <= 0) return _("now");
  if (size < 5) return _(seconds <= 0 ? "just now" : "now");
  for (const [unit, length, end] of UNITS)
    if (size < end) {
      const text = `${Math.round(size / length)} ${_(unit)}`;
      return seconds < 0 ? _("{0} ago", text) : _("in {0}", text);
    }
  return DAY.format(new Date(iso));
}
export const exact = (iso) => `${EXACT.format(new Date(iso))} ${zone}`;

export function duration(seconds) {
  if (seconds == null) return "";
  if (seconds < 9.95) return `${number(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

// A guess is said as one: 5 s steps, then minutes.
export const about = (seconds) =>
  seconds < 60 ? `${Math.max(5, Math.ceil(seconds / 5) * 5)} s` : `${Math.round(seconds / 60)} min`;

export function phaseBars(run) {
  const begin = Date.parse(run.start_time);
  const end = run.end_time ? Date.parse(run.end_time) : now();
  const length = Math.max(end - begin, 1);
  return run.phases.map(({ state, start_time }, i) => {
    const start = Date.parse(start_time);
    const stop = i + 1 < run.phases.length ? Date.parse(run.phases[i + 1].start_time) : end;
    const took = Math.max(stop - start, 0);
    return {
      state,
      start: Math.min((100 * Math.max(start - begin, 0)) / length, 100),
      width: Math.min(Math.max((100 * took) / length, 0.6), 100),
      seconds: took / 1000,
    };
  });
}
