// What is told by the browser's own notifications while no page of ours is seen. The choice
// is kept in this browser; worker.js shows each once, however many tabs tell of it.

import { causeOf, needOf, resultOf } from "./words.js";

const NAME = "notify";
export const KINDS = ["needs", "failed", "finished"];

export const isPossible = () => isSecureContext && "Notification" in window && "serviceWorker" in navigator;

export function choice() {
  try {
    return KINDS.filter((kind) => (localStorage.getItem(NAME) ?? "").split(",").includes(kind));
  } catch {
    return []; // storage is blocked
  }
}

export function choose(kinds) {
  try {
    localStorage.setItem(NAME, kinds.join(","));
  } catch {
    // The same.
  }
}

export const wants = () => isPossible() && Notification.permission === "granted" && choice().length > 0;

// Nothing was chosen yet, neither for nor against it.
export function isOpen() {
  try {
    return isPossible() && Notification.permission === "default" && localStorage.getItem(NAME) === null;
  } catch {
    return false;
  }
}

// What is news between two entries of an account, or null. Of many failures in a row only
// the first is, and of runs that end well only those that found mail.
export function newsOf(known, entry) {
  const { status, last } = entry;
  const who = status.email_address;
  const need = needOf(entry);
  if (need && !needOf(known)) {
    const body = `${causeOf(need.error_code)}. Its mail waits until you look.`;
    return { kind: "needs", title: `${who} needs you`, body, path: `/accounts/${status.account_id}` };
  }
  if (need || !last || last === known.last || last.run_id === known.last?.run_id) return null;
  const path = `/runs/${last.run_id}`;
  if (last.outcome === "failed" && known.last?.outcome !== "failed")
    return { kind: "failed", title: `A run of ${who} failed`, body: `${causeOf(last.error_code)}. It is tried again.`, path };
  if (last.outcome === "succeeded" && last.emails_found)
    return { kind: "finished", title: who, body: resultOf(last), path };
  return null;
}

export async function tell(known, entry) {
  if (!document.hidden || !wants()) return;
  const news = newsOf(known, entry);
  if (!news || !choice().includes(news.kind)) return;
  const { account_id, run_id } = entry.status;
  await post({ ...news, tag: `account-${account_id}`, key: `${news.kind} ${entry.last?.run_id ?? run_id}` });
}

export async function post(news) {
  const registration = await navigator.serviceWorker.getRegistration("/");
  registration?.active?.postMessage({ type: "notify", ...news });
}
