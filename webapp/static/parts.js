// A page that is got again, and whose parts change places with those of the page that
// stands. They come as the server escaped them, parsed by the browser as a document in
// which no script runs.

import { exact, relative } from "./words.js";

export function get(path) {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open("GET", path);
    asked.responseType = "document";
    asked.timeout = 10_000;
    // Who was signed out is led elsewhere: that page has no such parts.
    asked.onload = () => (asked.status === 200 ? resolve(asked.response) : reject(new Error(asked.status)));
    asked.onerror = asked.ontimeout = reject;
    asked.send();
  });
}

// The parts of a page by their names, in its order.
export const partsOf = (page) => new Map([...page.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));

// What somebody types into, or thinks about, stays.
export const inUse = (part) => part.contains(document.activeElement) || part.querySelector("details[open]") !== null;

export function change(old, made) {
  for (const node of made.querySelectorAll("time[datetime]")) {
    node.textContent = relative(node.dateTime, node.className === "due");
    node.title = exact(node.dateTime);
  }
  old.replaceWith(document.adoptNode(made));
}
