/** JSON values as Python writes them. */

import type { Json } from "../state/types";

const LINE_CHARS = 88;

/** A literal; `depth` is how far the line that it begins on is indented, in steps of four blanks. */
export function toPython(value: unknown, depth: number): string {
  const short = flat(value as Json);
  if (short.length + 4 * depth <= LINE_CHARS && !short.includes("\n")) return short;
  const inner = "    ".repeat(depth + 1);
  const outer = "    ".repeat(depth);
  if (Array.isArray(value)) {
    const items = value.map((each) => `${inner}${toPython(each, depth + 1)},`);
    return `[\n${items.join("\n")}\n${outer}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(
      ([name, each]) => `${inner}${JSON.stringify(name)}: ${toPython(each, depth + 1)},`,
    );
    return `{\n${members.join("\n")}\n${outer}}`;
  }
  return short;
}

function flat(value: Json): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  // JSON's escapes mean the same in Python.
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return `[${value.map(flat).join(", ")}]`;
  const members = Object.entries(value).map(
    ([name, each]) => `${JSON.stringify(name)}: ${flat(each as Json)}`,
  );
  return `{${members.join(", ")}}`;
}
