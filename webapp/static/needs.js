// Who needs a person, above the cards. It is asked for when somebody does: see live.js.
// The panel is always there and grows only by a click, so that nothing moves below it.

import { prose, put, set, time } from "./draw.js";
import { _, ngettext, said } from "./gettext.js";
import * as words from "./words.js";

export function drawNeeds(panel, template, entries) {
  const list = panel.querySelector("ul");
  const since = ([, need]) => Date.parse(need.end_time ?? need.last_updated) || 0;
  const wanted = entries
    .map((entry) => [entry.status, words.needOf(entry)])
    .filter(([, need]) => need)
    .sort((a, b) => since(b) - since(a));
  const there = new Map([...list.children].map((item) => [item.dataset.need, item]));
  // What is read below an open list stays where it is.
  if (panel.open && wanted.length !== there.size) list.style.height ||= `${list.offsetHeight}px`;
  // The newest stands first, but nobody is pushed down in a list that is read.
  const isRead = panel.open && there.size > 0;
  let at = isRead ? null : list.firstElementChild;
  for (const [status, need] of wanted) {
    const id = String(status.account_id);
    const item = there.get(id) ?? template.content.firstElementChild.cloneNode(true);
    there.delete(id);
    if (item === at) at = at.nextElementSibling;
    else if (!isRead || !item.parentNode) list.insertBefore(item, at);
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
  const all = panel.querySelector("#needs-all");
  all.hidden = !list.style.height || list.scrollHeight <= list.clientHeight;
  put(all, _("Show all {0}", n));
  all.onclick = () => {
    list.removeAttribute("style");
    all.hidden = true;
  };
  set(panel, "data-tone", n ? "bad" : "quiet");
  set(panel.querySelector("use"), "href", n ? "#i-alert" : "#i-check");
  put(panel.querySelector("h2 span"), n ? ngettext("{0} account needs you", "{0} accounts need you", n) : _("No account needs you"));
}
