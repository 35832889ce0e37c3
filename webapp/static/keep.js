// What was typed is not lost where one had to sign in again on the way: it is kept in this
// tab, without passwords, and put back when the same page comes right after that, to the
// same key. Who signs out by the button leaves nothing behind.

const fields = () =>
  [...document.querySelectorAll("main form[method=post]")].flatMap((form, i) =>
    [...form.elements].filter((one) => one.name && !["hidden", "password", "file", "submit"].includes(one.type)).map((one, j) => [`${i} ${j} ${one.name}`, one]),
  );
const isTick = ({ type }) => type === "checkbox" || type === "radio";
const stands = (one) => (isTick(one) ? one.checked : one.value);
const isTyped = (one) => (isTick(one) ? one.checked !== one.defaultChecked : "defaultValue" in one && one.value !== one.defaultValue);

const reader = document.querySelector("main").dataset.reader;
let isLeaving = false;
addEventListener("submit", ({ target }) => (isLeaving = target.getAttribute("action") === "/logout"));

function keep() {
  if (isLeaving) return;
  const all = fields();
  if (!all.some(([, one]) => isTyped(one))) return;
  const typed = all.map(([id, one]) => [id, stands(one)]);
  try {
    sessionStorage.typed = JSON.stringify({ path: location.pathname, reader, typed });
  } catch {
    // Nothing can be kept here.
  }
}

function putBack() {
  const kept = JSON.parse(sessionStorage.typed ?? "null");
  sessionStorage.removeItem("typed");
  const from = document.referrer && new URL(document.referrer).pathname;
  if (from !== "/login" || kept?.path !== location.pathname || kept.reader !== reader) return;
  const typed = new Map(kept.typed);
  for (const [id, one] of fields()) {
    const was = typed.get(id);
    if (was === undefined || was === stands(one)) continue;
    if (isTick(one)) one.checked = was;
    else one.value = was;
    one.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

try {
  putBack();
} catch {
  // Storage is blocked, or holds what is not ours.
}
addEventListener("pagehide", keep);
