// Runs before the first paint, so that a chosen theme never flashes, nor a chosen zone.
(() => {
  const { dataset } = document.documentElement;
  try {
    const { theme, zone: timeZone } = localStorage;
    if (theme === "light" || theme === "dark") dataset.theme = theme;
    if (timeZone && new Intl.DateTimeFormat("en", { timeZone })) dataset.zone = timeZone;
  } catch {
    // Storage is blocked, or no such zone is known here: what the system says, then.
  }
})();
