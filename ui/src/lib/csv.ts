/** CSV as programs read it. Pure. */

/** A value as it stands in a cell: texts as they are, nothing as nothing, the rest as JSON. */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** RFC 4180: quoted where it has a quote, a comma or a break, and quotes doubled. */
export function csvText(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** One line, with its end. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map((value) => csvText(plain(value))).join(",")}\r\n`;
}
