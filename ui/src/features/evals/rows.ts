/** Rows of a dataset in cells: which part is the input, which the target. Pure. */

const TARGETS = ["target", "expected", "expected_output", "answer", "label", "ground_truth", "reference"];

/** Input and target of a row, by the names that datasets give to them; all of it is the input where none is there. */
export function partsOf(row: unknown): { input: unknown; target: unknown } {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return { input: row, target: undefined };
  const fields = row as Record<string, unknown>;
  const name = TARGETS.find((one) => one in fields);
  if (name === undefined) return { input: single(fields), target: undefined };
  const rest = Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
  return { input: single(rest), target: fields[name] };
}

/** The one value of an object that has one; ids do not count. */
function single(fields: Record<string, unknown>): unknown {
  const told = Object.entries(fields).filter(([key]) => key !== "id");
  return told.length === 1 ? told[0]?.[1] : fields;
}
