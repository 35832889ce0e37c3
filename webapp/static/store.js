// What the page knows, and how a frame of the feed changes it. Pure: no DOM, no clock.
//
// state = { epoch, seq, accounts: Map(id -> { status, seq, last, reached }), runs, seen,
//           paused, workers, feedDown, labeled, isWhole, number }
// Until it `isWhole`, not all accounts are known, only their `number`.
// An account's `last` run is null if there is none, and undefined while it is not known.
// An entry of `accounts` is replaced when it changes and is else the same object, so a
// drawer compares identities and touches only what is new.

import { isRunning } from "./words.js";

const RUNS = 10; // rows of the table
const SEEN = 500; // runs remembered as counted

export function begin({ snapshot, runs, last_runs, labeled_today, whole = true, all }) {
  const empty = { epoch: null, seq: -1, accounts: new Map(), runs: [], seen: new Set(), labeled: labeled_today, isWhole: true };
  const state = reduce(empty, { type: "snapshot", data: { ...snapshot, recent_runs: [] } });
  for (const run of [...Object.values(last_runs), ...runs]) state.seen.add(run.run_id);
  for (const [id, entry] of state.accounts) entry.last = last_runs[id] ?? null;
  return { ...state, runs: runs.slice(0, RUNS), isWhole: whole, number: all ?? state.accounts.size };
}

export function reduce(state, { type, data, seq }) {
  switch (type) {
    case "hello":
      return data.epoch === state.epoch ? state : { ...state, epoch: data.epoch, seq: -1, fresh: true };
    case "snapshot":
      return snapshot(state, data);
    case "status_update":
      return data ? update(state, data, seq) : state;
    case "run_finished":
      return finish({ ...state, seq: Math.max(state.seq, seq ?? -1) }, [data]);
    case "last_runs":
      return lastRuns(state, data);
    case "labeled_today":
      return { ...state, labeled: data };
    case "recent_runs":
      return finish(state, data);
    case "account_removed": {
      if (!state.accounts.has(data.account_id)) return state;
      const accounts = new Map(state.accounts);
      accounts.delete(data.account_id);
      return { ...state, accounts, seq: Math.max(state.seq, seq ?? -1) };
    }
    default:
      return state;
  }
}

function snapshot(state, data) {
  if (data.epoch === state.epoch && data.seq < state.seq) return state;
  const accounts = new Map();
  for (const status of data.accounts) {
    const known = state.accounts.get(status.account_id);
    const entry = entryOf(known, status, data.seq);
    accounts.set(status.account_id, known || state.isWhole ? entry : { ...entry, last: undefined });
  }
  const { epoch, seq, paused, workers, feed_down_since: feedDown } = data;
  const next = { ...state, epoch, seq, accounts, paused, workers, feedDown, fresh: false, isWhole: true };
  return finish(next, data.recent_runs);
}

function update(state, status, seq) {
  const known = state.accounts.get(status.account_id);
  // After a new epoch's hello everything known is of the old one, whatever its number.
  if (known && !state.fresh && seq <= known.seq) return state;
  const accounts = new Map(state.accounts);
  accounts.set(status.account_id, entryOf(known, status, seq));
  return { ...state, accounts, seq: Math.max(state.seq, seq) };
}

function entryOf(known, status, seq) {
  const reached = isRunning(status) ? status.state : known?.status.run_id === status.run_id ? known.reached : null;
  return { status, seq, last: known?.last ?? null, reached };
}

// The runs that each account ended with before we listened.
function lastRuns(state, runs) {
  const accounts = new Map(state.accounts);
  for (const run of runs) {
    const entry = accounts.get(run.account_id);
    if (entry && !(entry.last?.end_time >= run.end_time)) accounts.set(run.account_id, { ...entry, last: run });
  }
  for (const [id, entry] of accounts) if (entry.last === undefined) accounts.set(id, { ...entry, last: null });
  return { ...state, accounts };
}

// Each run is counted once, however often it is told of.
function finish(state, runs) {
  const fresh = runs.filter((run) => run.end_time && !state.seen.has(run.run_id));
  if (!fresh.length) return state;
  const accounts = new Map(state.accounts);
  let { labeled } = state;
  for (const run of fresh) {
    const entry = accounts.get(run.account_id);
    if (entry && !(entry.last?.end_time > run.end_time)) accounts.set(run.account_id, { ...entry, last: run });
    labeled += run.emails_labeled;
  }
  const all = [...fresh, ...state.runs].sort((a, b) => (a.end_time < b.end_time ? 1 : -1));
  const seen = new Set([...[...state.seen].slice(-SEEN), ...fresh.map((run) => run.run_id)]);
  return { ...state, accounts, labeled, seen, runs: all.slice(0, RUNS) };
}
