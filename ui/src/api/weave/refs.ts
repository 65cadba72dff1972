import { askJson } from "./ask";

/** References: `weave:///team/project/object/name:digest/attr/rows`, `.../op/name:digest`, `.../call/id`. */

export interface Ref {
  team: string;
  project: string;
  kind: string;
  /** The object's or op's name; a call's id; a table's digest. */
  name: string;
  /** Empty for calls and tables. */
  digest: string;
  /** What stands behind it, as it stands there: `attr/rows/id/abc`. */
  rest: string;
}

const SHAPE = /^weave:\/\/\/([^/]+)\/([^/]+)\/([^/]+)\/([^/:]+)(?::([^/]+))?(?:\/(.*))?$/;

/** What a text refers to; null if it is no reference. */
export function refOf(value: unknown): Ref | null {
  if (typeof value !== "string") return null;
  const found = SHAPE.exec(value);
  if (!found) return null;
  const [, team = "", project = "", kind = "", name = "", digest = "", rest = ""] = found;
  return {
    team: plain(team),
    project: plain(project),
    kind,
    name: plain(name),
    digest,
    rest,
  };
}

/** The reference to a version of an object of `project` (`team/project`). */
export function objectRef(project: string, name: string, digest: string): string {
  return `weave:///${project}/object/${encodeURIComponent(name)}:${digest}`;
}

/** The reference to a version of an op of `project`. */
export function opRef(project: string, name: string, digest: string): string {
  return `weave:///${project}/op/${encodeURIComponent(name)}:${digest}`;
}

/** The reference to a call of `project`. */
export function callRef(project: string, id: string): string {
  return `weave:///${project}/call/${id}`;
}

/** The console's address of what a reference leads to; null for tables and the like, which have no page. */
export function pathOfRef(ref: Ref): string | null {
  const place = `/${encodeURIComponent(ref.team)}/${encodeURIComponent(ref.project)}`;
  const name = encodeURIComponent(ref.name);
  if (ref.kind === "call") return `${place}/r/call/${name}`;
  if (ref.kind !== "object" && ref.kind !== "op") return null;
  return `${place}/weave/${ref.kind}s/${name}/versions/${encodeURIComponent(ref.digest)}`;
}

/** What references lead to, in their order; null for what leads nowhere. */
export async function readRefs(refs: string[], signal?: AbortSignal): Promise<unknown[]> {
  if (refs.length === 0) return [];
  return (await askJson<{ vals: unknown[] }>("/traces/refs/read_batch", { refs }, signal)).vals;
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a bare % of somebody's own
  }
}
