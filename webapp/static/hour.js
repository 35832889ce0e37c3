// The labels of the last hour: asked for while something is labelled, else once a minute.

import { put, set, show } from "./draw.js";
import { _, number } from "./gettext.js";

const BUSY = 5000; // ms
const CALM = 60_000;
const SHARES = 6;

export class Hour {
  #at = performance.timeOrigin; // when it was asked for last
  #stirred = false;

  constructor(section) {
    this.section = section;
    setInterval(() => this.#look(), 1000);
  }

  // Something was labelled.
  stir() {
    this.#stirred = true;
  }

  async #look() {
    if (document.hidden || Date.now() - this.#at < (this.#stirred ? BUSY : CALM)) return;
    this.#at = Date.now();
    this.#stirred = false;
    try {
      const response = await fetch("/api/statistics/last-hour");
      if (response.ok) this.#draw(await response.json());
    } catch {
      this.#stirred = true; // the server is away: the next time, then
    }
  }

  #draw({ labeled, minutes, categories }) {
    const find = (selector) => this.section.querySelector(selector);
    const most = Math.max(...minutes, 1);
    put(find("#hour-labeled"), number(labeled));
    put(find("#hour-most"), number(Math.max(...minutes)));
    [...find("svg").children].forEach((bar, i) => {
      const height = (100 * minutes[i]) / most;
      set(bar, "y", `${(100 - height).toFixed(2)}%`);
      set(bar, "height", `${height.toFixed(2)}%`);
    });
    [...find("tbody").rows].forEach((row, i) => {
      const ten = minutes.slice(10 * i, 10 * i + 10);
      put(row.lastElementChild, number(ten.reduce((sum, one) => sum + one)));
    });
    const list = find("ul");
    categories.slice(0, SHARES).forEach(({ name, color, count }, i) => {
      const item = list.children[i] ?? list.appendChild(this.#share());
      set(item, "data-color", color);
      put(item.firstChild, name);
      put(item.lastChild, _("{0}%", Math.round((100 * count) / labeled)));
    });
    while (list.children.length > Math.min(categories.length, SHARES)) list.lastChild.remove();
    show(this.section, true);
  }

  #share() {
    const item = document.createElement("li");
    item.className = "chip";
    const share = document.createElement("span");
    share.className = "n";
    item.append(document.createElement("bdi"), share);
    return item;
  }
}
