import { queryOptions } from "@tanstack/react-query";
import { countCalls, findCalls } from "~/api/weave/calls";
import { readFileText } from "~/api/weave/files";
import { findObjects, readObject } from "~/api/weave/objects";
import { type Condition, every, field, literal } from "~/api/weave/query";
import { KINDS, type Kind } from "./kinds";

/** What is asked of the project `of` (`team/project`). Everything of objects is known as `["objects", of, ...]`. */

/** Versions in one list; who has more finds them by the client. */
export const MOST_VERSIONS = 5_000;
const MOST_COUNTED = 1_000;
const NEWEST = [{ field: "created_at", direction: "desc" } as const];

export const listQuery = (of: string, kind: Kind) =>
  queryOptions({
    queryKey: ["objects", of, "list", kind],
    queryFn: ({ signal }) =>
      findObjects(
        of,
        {
          filter: KINDS[kind].filter,
          sort_by: NEWEST,
          limit: MOST_VERSIONS,
          metadata_only: true,
          include_tags_and_aliases: true,
          include_usernames: true,
        },
        signal,
      ),
  });

export const versionsQuery = (of: string, name: string) =>
  queryOptions({
    queryKey: ["objects", of, "versions", name],
    queryFn: ({ signal }) =>
      findObjects(
        of,
        {
          filter: { object_ids: [name] },
          sort_by: [{ field: "version_index", direction: "desc" }],
          limit: MOST_VERSIONS,
          metadata_only: true,
          include_tags_and_aliases: true,
          include_usernames: true,
        },
        signal,
      ),
  });

export const versionQuery = (of: string, name: string, digest: string) =>
  queryOptions({
    queryKey: ["objects", of, "version", name, digest],
    queryFn: ({ signal }) => readObject(of, name, digest, signal),
  });

export const codeQuery = (of: string, file: string) =>
  queryOptions({
    queryKey: ["objects", of, "code", file],
    queryFn: ({ signal }) => readFileText(of, file, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The newest calls that took `ref` or a part of it, or of the op that it is; and how many, up to a thousand. */
export const usesQuery = (of: string, ref: string) =>
  queryOptions({
    queryKey: ["objects", of, "uses", ref],
    queryFn: async ({ signal }) => {
      const query = every([usesCondition(ref)]);
      const [calls, counted] = await Promise.all([
        findCalls(
          of,
          {
            query,
            sort_by: [{ field: "started_at", direction: "desc" }],
            limit: 8,
            columns: ["id", "op_name", "display_name", "started_at", "ended_at", "exception", "summary"],
          },
          signal,
        ),
        countCalls(of, { query, limit: MOST_COUNTED }, signal),
      ]);
      return { calls, count: counted.count, isMore: counted.count >= MOST_COUNTED };
    },
  });

const isOp = (ref: string) => ref.includes("/op/");

function usesCondition(ref: string): Condition {
  if (isOp(ref)) return { $eq: [field("op_name"), literal(ref)] };
  return { $contains: { input: field("inputs"), substr: literal(ref) } };
}

/** The same question as the address of the traces table asks it. */
export function usesSearch(ref: string): object {
  const filter = isOp(ref)
    ? { field: "op_name", op: "equals", value: ref }
    : { field: "inputs", op: "contains", value: ref };
  return { all: true, filters: [filter] };
}
