// Who needs a person, above the cards. It is asked for when somebody does: see live.js.
// The panel is always there and grows only by a click, so that nothing moves below it.

import { prose, put, set, time } from "./draw.js";
import { _, ngettext, said } from "./gettext.js";
import * as words from "./words.js";

export function drawNeeds(panel, template, entries) {
  const list = panel.querySelector("ul");
  const wanted = entries.map((entry) => [entry.status, words.needOf(entry)]).filter(([, need]) => need);
  const there = new Map([...list.children].map((item) => [item.dataset.need, item]));
  // What is read below an open list stays where it is.
  if (panel.open && wanted.length !== there.size) list.style.height ||= `${list.offsetHeight}px`;
  for (const [status, need] of wanted) {
    const id = String(status.account_id);
    const item = there.get(id) ?? list.appendChild(template.content.firstElementChild.cloneNode(true));
    there.delete(id);
    item.dataset.need = id;
    put(item.querySelector("bdi"), status.email_address);
    put(item.querySelector(".cause"), words.causeOf(need.error_code));
    time(need.end_time ?? need.last_updated, item.querySelector("time"));
    prose(item.querySelector(".todo"), said(need.error_message ?? ""));
    const password = need.error_code === "auth_failed";
    const link = item.querySelector("a");
    set(link, "href", `/accounts/${id}${password ? "#password" : ""}`);
    put(link, password ? _("Enter a new password") : _("Look at its settings"));
  }
  for (const item of there.values()) item.remove();
  const n = wanted.length;
  set(panel, "data-tone", n ? "bad" : "quiet");
  set(panel.querySelector("use"), "href", n ? "#i-alert" : "#i-check");
  put(panel.querySelector("h2 span"), n ? ngettext("{0} account needs you", "{0} accounts need you", n) : _("No account needs you"));
}
