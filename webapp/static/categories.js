// Up and down without a new page: the rows change places, and the focus stays.

import { _ } from "./gettext.js";

const list = document.getElementById("categories");
const said = Object.assign(document.createElement("div"), { className: "unseen" });
said.setAttribute("role", "status");
document.body.append(said);

function showEnds() {
  [...list.children].forEach((row, at) => {
    row.querySelector("[value=up]").disabled = at === 0;
    row.querySelector("[value=down]").disabled = at === list.children.length - 1;
  });
}

list?.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches(".move")) return;
  event.preventDefault();
  const button = event.submitter;
  const row = form.closest("li");
  const up = button.value === "up";
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  up ? other.before(row) : other.after(row);
  showEnds();
  (button.disabled ? form.querySelector("button:enabled") : button)?.focus();
  const category_ids = [...list.children].map((one) => Number(one.dataset.id));
  const answer = await fetch("/api/categories/order", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ category_ids }),
  }).catch(() => null);
  if (answer?.ok) {
    const place = [...list.children].indexOf(row) + 1;
    said.textContent = _("{0} is number {1}.", row.querySelector(".chip").textContent.trim(), place);
  } else location.reload(); // the list as it really is, or the sign-in
});
