// Which cards are shown and where they stand. Of many accounts only the cards near the
// window are in the document. A card that is there never moves while one looks: news take
// the place of what is over, or of what rests at the end.

import { isRunning, needOf } from "./words.js";

const BATCH = 60; // cards that are shown at once; webapp/dashboard/shown.py serves as many

export const KINDS = {
  all: () => true,
  working: ({ status }) => isRunning(status),
  needs: (entry) => Boolean(needOf(entry)),
  paused: (entry, allPaused) =>
    (entry.status.paused || Boolean(allPaused)) && !entry.status.setting_up && !isRunning(entry.status) && !needOf(entry),
};

export const matcher = ({ kind, text }, allPaused) => {
  const wanted = text.trim().toLowerCase();
  return (entry) => KINDS[kind](entry, allPaused) && entry.status.email_address.toLowerCase().includes(wanted);
};

// Ids of what matches, working accounts first.
export function sorted(accounts, matches) {
  const ids = [...accounts.keys()].filter((id) => matches(accounts.get(id))).sort((a, b) => a - b);
  const works = (id) => isRunning(accounts.get(id).status);
  return [...ids.filter(works), ...ids.filter((id) => !works(id))];
}

// The next order, without moving what stays: `inView` places are seen. What does not
// match any more gives its place to what does; what works and is not seen changes places
// with the last one seen that rests.
export function settle(order, accounts, matches, inView) {
  const next = order.filter((id) => accounts.has(id));
  const there = new Set(next);
  const isOver = (id) => !matches(accounts.get(id));
  let place = 0;
  for (const id of sorted(accounts, matches)) {
    if (there.has(id)) continue;
    while (place < next.length && !isOver(next[place])) place += 1;
    next[place] = id;
  }
  while (next.length && isOver(next.at(-1))) next.pop();
  const works = (id) => isRunning(accounts.get(id).status);
  let last = Math.min(inView, next.length) - 1;
  for (let i = Math.max(inView, 0); i < next.length; i += 1) {
    if (!works(next[i])) continue;
    while (last >= 0 && works(next[last])) last -= 1;
    if (last < 0) break;
    [next[i], next[last]] = [next[last], next[i]];
  }
  return next;
}

// `make(id)` gives a new card; `grid` holds those that are there.
export class Cards {
  nodes = new Map();
  limit = BATCH;
  #size = null; // { columns, row } of the grid, px

  constructor(grid, make) {
    this.grid = grid;
    this.make = make;
    for (const card of grid.children) this.nodes.set(Number(card.dataset.account), card);
    this.order = [...this.nodes.keys()];
    new ResizeObserver(() => {
      this.#size = null;
      this.place();
    }).observe(document.body);
    addEventListener("scroll", () => this.#isMany() && requestAnimationFrame(() => this.place()), { passive: true });
  }

  sort(accounts, matches) {
    this.order = sorted(accounts, matches);
    this.place();
  }

  // Take in what came and went; when all are wanted, a new one has its place at once.
  follow(accounts, matches, isAll) {
    this.order = this.order.filter((id) => accounts.has(id));
    const there = isAll && new Set(this.order);
    if (isAll) this.order.push(...sorted(accounts, (entry) => matches(entry) && !there.has(entry.status.account_id)));
    this.place();
  }

  // Exchange places, unless a pointer or the focus is among the cards.
  settle(accounts, matches) {
    if (this.grid.matches(":hover, :focus-within")) return;
    this.order = settle(this.order, accounts, matches, this.#inView());
    this.place();
  }

  // Have those cards in the document that are near the window, in their order.
  place() {
    const shown = Math.min(this.order.length, this.limit);
    let [first, end, above, below] = [0, shown, 0, 0];
    const size = this.#isMany() && this.#measure();
    if (size) {
      const { columns, row } = size;
      const at = -this.grid.getBoundingClientRect().top / row;
      const view = innerHeight / row;
      const rows = Math.ceil(shown / columns);
      const from = Math.min(Math.max(Math.floor(at - view), 0), rows - 1);
      const to = Math.min(Math.max(Math.ceil(at + 2 * view), from + 1), rows);
      [first, end, above, below] = [from * columns, Math.min(to * columns, shown), from * row, (rows - to) * row];
    }
    const wanted = this.order.slice(first, end);
    const kept = new Set(wanted);
    for (const [id, card] of this.nodes)
      if (!kept.has(id)) {
        card.remove();
        this.nodes.delete(id);
      }
    let before = null;
    for (const id of wanted) {
      let card = this.nodes.get(id);
      if (!card) this.nodes.set(id, (card = this.make(id)));
      const next = before ? before.nextElementSibling : this.grid.firstElementChild;
      if (card !== next) this.grid.insertBefore(card, next);
      before = card;
    }
    this.grid.style.setProperty("--above", `${above}px`);
    this.grid.style.setProperty("--below", `${below}px`);
  }

  #isMany() {
    return Math.min(this.order.length, this.limit) > BATCH;
  }

  #measure() {
    const card = this.grid.firstElementChild;
    if (!this.#size && card) {
      const { gridTemplateColumns, rowGap } = getComputedStyle(this.grid);
      this.#size = { columns: gridTemplateColumns.split(" ").length, row: card.offsetHeight + parseFloat(rowGap) };
    }
    return this.#size;
  }

  #inView() {
    const size = this.#measure();
    if (!size) return 0;
    return Math.ceil((innerHeight - this.grid.getBoundingClientRect().top) / size.row) * size.columns;
  }
}
