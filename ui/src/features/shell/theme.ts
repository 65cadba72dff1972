import { useSyncExternalStore } from "react";

type Theme = "light" | "dark";

/** Which theme is on, and a switch to the other one, which this browser keeps; public/assets/theme.js sets it early. */
export function useTheme(): [Theme, () => void] {
  const theme = useSyncExternalStore(subscribe, current);
  return [theme, () => choose(theme === "dark" ? "light" : "dark")];
}

function current(): Theme {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
}

function choose(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("weft.theme", theme);
  } catch {
    // A browser that keeps nothing follows the system again next time.
  }
}

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}
