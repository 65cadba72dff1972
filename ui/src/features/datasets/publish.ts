import { publishDataset, readDataset } from "~/api/weave/datasets";
import { createObject, readObject } from "~/api/weave/objects";
import { refOf } from "~/api/weave/refs";
import { updateTable } from "~/api/weave/tables";
import { MAX_ROWS, type Row } from "~/lib/rows/types";
import { SOURCE } from "./mapping";

/** What is known of a dataset that rows are to be put in. */
export interface Target {
  name: string;
  columns: string[];
  /** Calls that it has rows of. */
  sources: ReadonlySet<string>;
}

export async function readTarget(project: string, name: string, signal?: AbortSignal): Promise<Target> {
  const { rows } = await readDataset(project, name, "latest", MAX_ROWS, signal);
  const columns = new Set(rows.flatMap((row) => Object.keys(row)));
  const sources = rows.map((row) => row[SOURCE]).filter((one): one is string => typeof one === "string");
  return { name, columns: [...columns], sources: new Set(sources) };
}

/** A new version of the dataset with `rows` at its end; the rest of it stays. Returns the digest. */
export async function appendRows(project: string, name: string, rows: Row[]): Promise<string> {
  const { val } = await readObject(project, name, "latest");
  const fields = (val ?? {}) as Record<string, unknown>;
  const table = refOf(fields.rows);
  if (table?.kind !== "table") {
    const before = await readDataset(project, name, "latest", MAX_ROWS);
    return (
      await publishDataset(project, { ...before, name, rows: [...before.rows, ...rows], after: fields })
    ).digest;
  }
  const changes = rows.map((row) => ({ append: { row } }));
  const digest = await updateTable(project, table.name, changes);
  const next = { ...fields, rows: `weave:///${project}/table/${digest}` };
  return (await createObject(project, name, next)).digest;
}
