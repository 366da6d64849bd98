// Sets the theme before the first paint. The switch's choice outlives the visit; a new
// choice in the person's settings ends it; without either the system decides.
const root = document.documentElement;
const chosen = root.dataset.themeChoice;
const key = `theme over ${chosen}`;
const dark = matchMedia("(prefers-color-scheme: dark)");

function kept() {
  try { return localStorage.getItem(key); } catch { return null; /* private window */ }
}
function applyTheme() {
  const theme = kept() || (chosen === "system" ? (dark.matches ? "dark" : "light") : chosen);
  if (theme === root.dataset.theme) return;
  root.dataset.theme = theme;
  document.dispatchEvent(new CustomEvent("portal:theme"));
}
applyTheme();
dark.addEventListener("change", applyTheme);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  const theme = root.dataset.theme === "dark" ? "light" : "dark";
  try { localStorage.setItem(key, theme); } catch { /* private window: for this page only */ }
  root.dataset.theme = theme;
  document.dispatchEvent(new CustomEvent("portal:theme"));
});
