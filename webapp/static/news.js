// What is news of an account, for the browser's own notifications. worker.js shows each
// once, however many tabs tell of it.

import { _ } from "./gettext.js";
import { causeOf, needOf, resultOf } from "./words.js";

// What is news between two entries of an account, or null. Of many failures in a row only
// the first is, and of runs that end well only those that found mail.
export function newsOf(known, entry) {
  const { status, last } = entry;
  const who = status.email_address;
  const need = needOf(entry);
  if (need && !needOf(known)) {
    const body = _("{0}. Its mail waits until you look.", causeOf(need.error_code));
    return { kind: "needs", title: _("{0} needs you", who), body, path: `/accounts/${status.account_id}` };
  }
  if (need || !last || last === known.last || last.run_id === known.last?.run_id) return null;
  const path = `/runs/${last.run_id}`;
  if (last.outcome === "failed" && known.last?.outcome !== "failed")
    return { kind: "failed", title: _("A run of {0} failed", who), body: _("{0}. It is tried again.", causeOf(last.error_code)), path };
  if (last.outcome === "succeeded" && last.emails_found)
    return { kind: "finished", title: who, body: resultOf(last), path };
  return null;
}

export async function post(news) {
  const registration = await navigator.serviceWorker.getRegistration("/");
  registration?.active?.postMessage({ type: "notify", ...news });
}
