import { askJson } from "./ask";
import type { SortBy } from "./query";

export interface TableRow {
  digest: string;
  val: unknown;
  original_index?: number | null;
}

/** Rows of a table of `project` (`team/project`), in their order unless sorted. */
export async function findRows(
  project: string,
  digest: string,
  asked: { limit?: number; offset?: number; sort_by?: SortBy[] },
  signal?: AbortSignal,
): Promise<TableRow[]> {
  const body = { project_id: project, digest, ...asked };
  return (await askJson<{ rows: TableRow[] }>("/traces/table/query", body, signal)).rows;
}

/** How many rows a table has. */
export async function countRows(project: string, digest: string, signal?: AbortSignal): Promise<number> {
  const body = { project_id: project, digest };
  return (await askJson<{ count: number }>("/traces/table/query_stats", body, signal)).count;
}

/** Keep rows as a table; its digest. Larger ones are made piece by piece with `updateTable`. */
export async function createTable(project: string, rows: object[]): Promise<string> {
  const body = { table: { project_id: project, rows } };
  return (await askJson<{ digest: string }>("/traces/table/create", body)).digest;
}

export type TableChange =
  | { append: { row: object } }
  | { pop: { index: number } }
  | { insert: { index: number; row: object } };

/** A table with changes applied in their order; the digest of the new one. */
export async function updateTable(project: string, base: string, changes: TableChange[]): Promise<string> {
  const body = { project_id: project, base_digest: base, updates: changes };
  return (await askJson<{ digest: string }>("/traces/table/update", body)).digest;
}
