// Texts and numbers in the language of the page. English is in the code; what another
// language needs is loaded only by its pages.

export const { lang } = document.documentElement;
const other = lang === "de" ? await import("./translated.js").catch(() => null) : null;

// Values stand for {0}, {1} ...
const fill = (text, values) => text.replace(/\{(\d)\}/g, (_, i) => values[i]);

export const _ = (text, ...values) => fill(other?.texts[text] ?? text, values);
export const ngettext = (one, many, n, ...values) =>
  fill((other?.texts[one] ?? [one, many])[n === 1 ? 0 : 1], [number(n), ...values]);

// A sentence of the server, which speaks English to programs.
export const said = other?.said ?? ((text) => text);

const formats = [0, 1].map((digits) => new Intl.NumberFormat(lang || "en", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
export const number = (n, digits = 0) => formats[digits].format(n);
