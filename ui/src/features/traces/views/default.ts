/** The view that the traces of a project open with, in this browser. */

const KEY = "weft.traces.view";

function kept(): Record<string, string> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof found === "object" && found !== null ? (found as Record<string, string>) : {};
  } catch {
    return {}; // a browser that keeps nothing, or kept something else
  }
}

export function keptDefault(project: string): string | null {
  const name = kept()[project];
  return typeof name === "string" ? name : null;
}

export function keepDefault(project: string, name: string | null): void {
  const { [project]: _before, ...others } = kept();
  try {
    localStorage.setItem(KEY, JSON.stringify(name === null ? others : { ...others, [project]: name }));
  } catch {
    // A browser that keeps nothing opens the page plain.
  }
}
