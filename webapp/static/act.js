// A deed through the API, without leaving the page: a toast tells what came of it.

import { _, said } from "./gettext.js";
import { say } from "./toast.js";

const DONE = {
  run: "The run starts within seconds.",
  cancel: "The run stops at its next message.",
  pause: "The account is paused.",
  resume: "The account runs again, at once.",
  "pause-all": "Everything is paused.",
  "resume-all": "Everything runs again.",
};
const OPPOSITE = { pause: "resume", resume: "pause", "pause-all": "resume-all", "resume-all": "pause-all" };
const AWAY = "The server cannot be reached. Nothing was changed.";

// Where one signs in, and comes back to this page.
export const signIn = () => `/login?next=${encodeURIComponent(location.pathname + location.search)}`;

// `{ data }` is what the server answered, `{ fault }` why it did not do it.
export async function post(path, body = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return { fault: _(AWAY) };
  }
  if (answer.status === 401) {
    location.assign(signIn());
    return new Promise(() => {}); // this page is left
  }
  const data = await answer.json().catch(() => null);
  return answer.ok ? { data } : { fault: said(data?.detail) ?? _("The server answered {0}.", answer.status) };
}

// Do it and say so; `name` is one of DONE, and who knows its opposite can undo it. `who`
// is the address of the account, where there are many.
export async function act(name, api, body, { who = "", done = (who && `${who}: `) + _(DONE[name]), after = renew } = {}) {
  const { data, fault } = await post(api, body);
  const deed = { name, api, body, done, who, run: name === "run" && data?.run_id };
  if (fault) say(fault, { bad: true });
  else tell(deed, after);
  after(deed, fault);
}

function tell({ name, api, body, done, who, run }, after) {
  const back = run ? "cancel" : OPPOSITE[name];
  const path = run ? `/api/processing/runs/${run}/cancel` : api.replace(/\w+$/, back?.split("-")[0]);
  say(done, { undo: back && (() => act(back, path, run ? {} : body, { who, after })) });
}

// A page that shows accounts and is not live is loaded again, and tells it then; not where
// something is typed.
const SHOWS_ACCOUNTS = /^\/(accounts|settings|find|runs)\b/;
function renew(deed, fault) {
  const isTyped = [...document.querySelectorAll("main :is(input, textarea)")].some((one) => one.value !== one.defaultValue);
  if (fault || isTyped || !SHOWS_ACCOUNTS.test(location.pathname)) return;
  try {
    sessionStorage.toast = JSON.stringify(deed);
  } catch {
    return; // storage is blocked: the notice is worth more than a page that is new
  }
  location.reload();
}

function again() {
  try {
    const deed = sessionStorage.toast;
    sessionStorage.removeItem("toast");
    if (deed) tell(JSON.parse(deed), renew);
  } catch {
    // Nothing is kept, or not by us.
  }
}
again();
