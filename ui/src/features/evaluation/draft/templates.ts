/** Templates with places for the columns of a row: `{{question}}`. Pure. */

import type { Row } from "~/lib/rows/types";

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;
/** The client fills places by Python's `str.format`, which knows no other names. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function canBeNamed(column: string): boolean {
  return NAME.test(column);
}

/** The names in a template that are none of `known`. */
export function unknownPlaces(template: string, known: readonly string[]): string[] {
  const found = [...template.matchAll(PLACE)].map((match) => match[1] ?? "");
  return [...new Set(found)].filter((name) => !known.includes(name) || !canBeNamed(name));
}

/** A template with its places filled; those that nobody knows stay as they are. */
export function fill(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(PLACE, (place, name: string) => (name in values ? textOf(values[name]) : place));
}

/** What the models are asked about a row. */
export function questionOf(
  input: { by: "field" | "template"; field: string; template: string },
  row: Row,
): string {
  return input.by === "template" ? fill(input.template, row) : textOf(row[input.field]);
}

export function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
