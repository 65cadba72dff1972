import { askJson } from "./ask";
import { createObject, findObjects, type ObjectVersion, readObject } from "./objects";
import { objectRef, refOf } from "./refs";
import { countRows, findRows } from "./tables";

/** Datasets: objects of the Weave client's class `Dataset`, whose rows are a table. */

const CHUNK_ROWS = 1_000;
const CHUNK_CHARS = 4 * 1024 * 1024;
const PAGE_ROWS = 1_000;
const NAME_CHARS = 128;

export interface DatasetWanted {
  name: string;
  description?: string | null;
  rows: object[];
  /** The value of the version that this one follows: what else it has stays, also its class where that is one's own. */
  after?: Record<string, unknown>;
}

export interface PublishedDataset {
  /** The object's name, as references have it. */
  id: string;
  digest: string;
  ref: string;
}

export interface DatasetRead {
  id: string;
  digest: string;
  ref: string;
  description: string | null;
  rows: Record<string, unknown>[];
  /** The version as it was published. */
  value: Record<string, unknown>;
  /** Of the table; more than `rows` where there was a bound. */
  total: number;
}

/** What an object of this name is called: as the Weave client makes it. Pure. */
export function objectName(name: string): string {
  return name
    .replace(/[^\p{L}\p{N}_.]+/gu, "-")
    .replace(/[._-]{2,}/g, "-")
    .replace(/^[-_]+|[-_]+$/g, "")
    .slice(0, NAME_CHARS);
}

/** Rows in pieces that one request may carry, in their order. Pure. */
export function chunksOf(rows: object[]): object[][] {
  const chunks: object[][] = [];
  let chunk: object[] = [];
  let chars = 0;
  for (const row of rows) {
    const size = JSON.stringify(row).length;
    if (chunk.length === CHUNK_ROWS || (chunk.length > 0 && chars + size > CHUNK_CHARS)) {
      chunks.push(chunk);
      [chunk, chars] = [[], 0];
    }
    chunk.push(row);
    chars += size;
  }
  if (chunk.length > 0 || chunks.length === 0) chunks.push(chunk);
  return chunks;
}

/** What is published: the client makes of it again what `_class_name` and `_bases` say. Pure. */
export function datasetValue(wanted: DatasetWanted, rows: string): Record<string, unknown> {
  const { name, description = null, after } = wanted;
  if (after) return { ...after, description, rows };
  return {
    _type: "Dataset",
    name,
    description,
    rows,
    _class_name: "Dataset",
    _bases: ["Object", "BaseModel"],
  };
}

/**
 * Publish a dataset of `project` (`team/project`): a new version, unless the latest has the same.
 *
 * `onProgress` hears what share of the rows is there, from 0 to 1.
 */
export async function publishDataset(
  project: string,
  wanted: DatasetWanted,
  onProgress?: (share: number) => void,
): Promise<PublishedDataset> {
  const id = objectName(wanted.name);
  const rows = await publishRows(project, wanted.rows, onProgress);
  const { digest } = await createObject(project, id, datasetValue(wanted, rows));
  return { id, digest, ref: objectRef(project, id, digest) };
}

/** The newest version of every dataset, the newest first; without rows. */
export function findDatasets(project: string, signal?: AbortSignal): Promise<ObjectVersion[]> {
  const filter = { base_object_classes: ["Dataset"], latest_only: true, is_op: false };
  const sort_by = [{ field: "created_at", direction: "desc" as const }];
  return findObjects(project, { filter, sort_by, limit: 200, metadata_only: true }, signal);
}

/** The versions of one, the newest first; without rows. */
export function findVersions(project: string, id: string, signal?: AbortSignal): Promise<ObjectVersion[]> {
  const sort_by = [{ field: "created_at", direction: "desc" as const }];
  return findObjects(
    project,
    { filter: { object_ids: [id], is_op: false }, sort_by, limit: 200, metadata_only: true },
    signal,
  );
}

/** A version with its first `most` rows. */
export async function readDataset(
  project: string,
  id: string,
  digest: string,
  most: number,
  signal?: AbortSignal,
): Promise<DatasetRead> {
  const version = await readObject(project, id, digest, signal);
  const value = (version.val ?? {}) as Record<string, unknown>;
  const told = {
    id,
    digest: version.digest,
    ref: objectRef(project, id, version.digest),
    value,
    description: typeof value.description === "string" ? value.description : null,
  };
  if (Array.isArray(value.rows))
    return { ...told, rows: value.rows.slice(0, most), total: value.rows.length };
  const table = refOf(value.rows);
  if (table?.kind !== "table") return { ...told, rows: [], total: 0 };
  const of = `${table.team}/${table.project}`;
  const total = await countRows(of, table.name, signal);
  const rows: Record<string, unknown>[] = [];
  while (rows.length < Math.min(total, most)) {
    const limit = Math.min(PAGE_ROWS, most - rows.length);
    const page = await findRows(of, table.name, { limit, offset: rows.length }, signal);
    if (page.length === 0) break;
    rows.push(...page.map((row) => (row.val ?? {}) as Record<string, unknown>));
  }
  return { ...told, rows, total };
}

async function publishRows(
  project: string,
  rows: object[],
  onProgress?: (share: number) => void,
): Promise<string> {
  const digests: string[] = [];
  let digest = "";
  const chunks = chunksOf(rows);
  for (const chunk of chunks) {
    const body = { table: { project_id: project, rows: chunk } };
    const made = await askJson<{ digest: string; row_digests: string[] }>("/traces/table/create", body);
    digest = made.digest;
    digests.push(...made.row_digests);
    onProgress?.(digests.length / Math.max(1, rows.length));
  }
  if (chunks.length > 1) {
    const body = { project_id: project, row_digests: digests };
    digest = (await askJson<{ digest: string }>("/traces/table/create_from_digests", body)).digest;
  }
  return `weave:///${project}/table/${digest}`;
}
