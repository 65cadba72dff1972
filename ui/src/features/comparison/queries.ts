import { queryOptions } from "@tanstack/react-query";
import { asApiError } from "~/api/errors";
import { findCalls } from "~/api/weave/calls";
import { readFileText } from "~/api/weave/files";
import { readObject } from "~/api/weave/objects";
import { refOf } from "~/api/weave/refs";
import { countRows } from "~/api/weave/tables";
import { callSubject, objectSubject, type Subject } from "./subject";

/** Calls in the order of their ids; those that are gone are left out. */
export const callsQuery = (of: string, ids: string[]) =>
  queryOptions({
    queryKey: ["compare", of, "calls", [...ids].sort()],
    queryFn: async ({ signal }): Promise<Subject[]> => {
      const asked = { filter: { call_ids: ids }, include_costs: true, include_usernames: true };
      return (await findCalls(of, asked, signal)).map(callSubject);
    },
    enabled: ids.length > 0,
  });

/** Versions named `name:digest`, or `op/name:digest`. */
export const objectsQuery = (of: string, ids: string[]) =>
  queryOptions({
    queryKey: ["compare", of, "objects", [...ids].sort()],
    queryFn: async ({ signal }): Promise<Subject[]> =>
      (await Promise.all(ids.map((id) => readSubject(of, id, signal).catch(gone)))).filter(
        (one) => one !== null,
      ),
    enabled: ids.length > 0,
  });

/** A version that is not there is left out, like a call. */
function gone(error: unknown): null {
  if (asApiError(error).status === 404) return null;
  throw error;
}

async function readSubject(of: string, id: string, signal: AbortSignal): Promise<Subject> {
  const at = id.lastIndexOf(":");
  const [name, digest] = at === -1 ? [id, "latest"] : [id.slice(0, at), id.slice(at + 1)];
  const version = await readObject(of, name.replace(/^(op|object)\//, ""), digest, signal);
  const val = (version.val ?? {}) as { files?: Record<string, unknown>; rows?: unknown };
  const file = version.kind === "op" ? val.files?.["obj.py"] : null;
  const table = refOf(val.rows);
  const [code, rows] = await Promise.all([
    typeof file === "string" ? readFileText(of, file, signal) : null,
    table?.kind === "table" ? countRows(of, table.name, signal) : null,
  ]);
  return objectSubject(id, version, code, rows);
}
