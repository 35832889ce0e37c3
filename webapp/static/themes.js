// The choice of a theme: kept in this browser, and told to its other tabs.

import { _ } from "./gettext.js";

const THEMES = { system: ["screen", "System theme"], light: ["sun", "Light theme"], dark: ["moon", "Dark theme"] };
const root = document.documentElement;
const toggle = document.getElementById("theme");
const choices = [...document.querySelectorAll(".themes button")];
const chosen = () => root.dataset.theme ?? "system";

export function choose(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch {
    // Storage is blocked: the choice lasts as long as this page.
  }
  show();
}

function show() {
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
show();
