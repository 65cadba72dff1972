import { pathTo } from "~/lib/diff/values";

/** A value taken apart. Pure. */

const MOST_LEAVES = 3_000;

/** Every leaf with its path, in order; empty lists and objects are leaves. */
export function leaves(value: unknown): [string, unknown][] {
  const found: [string, unknown][] = [];
  const walk = (path: string, part: unknown) => {
    if (found.length >= MOST_LEAVES) return;
    if (Array.isArray(part) && part.length > 0)
      for (const [index, item] of part.entries()) walk(`${path}[${index}]`, item);
    else if (
      typeof part === "object" &&
      part !== null &&
      !Array.isArray(part) &&
      Object.keys(part).length > 0
    )
      for (const [name, item] of Object.entries(part)) walk(pathTo(path, name), item);
    else found.push([path, part]);
  };
  walk("", value);
  return found;
}

/** A value as lines for people: a line for each leaf, texts of several lines below their path. */
export function outline(value: unknown): string {
  return leaves(value)
    .map(([path, leaf]) => {
      if (typeof leaf !== "string") return `${path}: ${JSON.stringify(leaf) ?? ""}`;
      return leaf.includes("\n") ? `${path}:\n${leaf.replace(/^/gm, "  ")}` : `${path}: ${leaf}`;
    })
    .join("\n");
}
