// What is told by the browser's own notifications while no page of ours is seen. The choice
// is kept in this browser; what is news is looked up only where it is to be told.

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

export async function tell(known, entry) {
  if (!document.hidden || !wants()) return;
  const { newsOf, post } = await import("./news.js");
  const news = newsOf(known, entry);
  if (!news || !choice().includes(news.kind)) return;
  const { account_id, run_id } = entry.status;
  await post({ ...news, tag: `account-${account_id}`, key: `${news.kind} ${entry.last?.run_id ?? run_id}` });
}
