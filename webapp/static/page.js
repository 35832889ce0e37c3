// On every page: times that stay true, and the choice of theme.

import { _ } from "./gettext.js";
import { exact, relative, zone } from "./words.js";

// The server tells hours by the same clock from now on.
document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;

function tick() {
  if (document.hidden) return;
  for (const node of document.querySelectorAll("time[datetime]")) {
    const text = relative(node.dateTime, node.className === "due");
    if (node.textContent !== text) node.textContent = text;
  }
}
for (const node of document.querySelectorAll("time[datetime]")) node.title = exact(node.dateTime);
tick();
setInterval(tick, 1000);
document.addEventListener("visibilitychange", tick);

const THEMES = { system: ["screen", "System theme"], light: ["sun", "Light theme"], dark: ["moon", "Dark theme"] };
const root = document.documentElement;
const chosen = () => root.dataset.theme ?? "system";

function choose(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch {
    // Storage is blocked: the choice lasts as long as this page.
  }
  showTheme();
}

const toggle = document.getElementById("theme");
const choices = [...document.querySelectorAll(".themes button")];

function showTheme() {
  const theme = chosen();
  for (const button of choices) button.setAttribute("aria-pressed", button.value === theme);
  if (!toggle) return;
  const [icon, label] = THEMES[theme];
  toggle.classList.remove("unused");
  toggle.querySelector("use").setAttribute("href", `#i-${icon}`);
  toggle.querySelector("span").textContent = _(label);
}

toggle?.addEventListener("click", () => {
  const names = Object.keys(THEMES);
  choose(names[(names.indexOf(chosen()) + 1) % names.length]);
});
for (const button of choices) button.addEventListener("click", () => choose(button.value));
addEventListener("storage", ({ key, newValue }) => key === "theme" && choose(newValue ?? "system"));
showTheme();

// A page that only takes effect after a choice: filters apply at once.
for (const form of document.querySelectorAll("form.filters"))
  form.addEventListener("change", () => form.requestSubmit());
