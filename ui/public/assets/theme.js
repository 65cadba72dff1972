// Before the first paint, so that a dark room stays dark. What the switch in the sidebar chose wins over the system.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("weft.theme");
  } catch {
    // A browser that keeps nothing follows the system.
  }
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  // Pages before the login have no sidebar, so none is painted ahead of them.
  if (/^\/(login|invite|reset)(\/|$)/.test(location.pathname)) document.documentElement.dataset.bare = "";
})();
