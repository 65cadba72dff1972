import { queryOptions } from "@tanstack/react-query";
import { type Call, findCalls } from "~/api/weave/calls";
import { findFeedback } from "~/api/weave/feedback";
import { readFileText } from "~/api/weave/files";
import { readObject } from "~/api/weave/objects";
import { readOutline } from "~/api/weave/outline";
import { field, literal } from "~/api/weave/query";
import { callRef } from "~/api/weave/refs";
import { treeOf } from "./tree";

/** The tree of the trace that a call is in; null if there is no such call. */
export const traceQuery = (of: string, callId: string) =>
  queryOptions({
    queryKey: ["weave", of, "trace", callId],
    queryFn: async ({ signal }) => {
      const outline = await readOutline(of, callId, signal);
      return outline ? treeOf(outline) : null;
    },
    // A tree of 50,000 calls is compared with nothing when it is asked anew.
    structuralSharing: false,
  });

/** One call with all of its texts; null if there is none. */
export const callQuery = (of: string, id: string) =>
  queryOptions({
    queryKey: ["weave", of, "call", id],
    queryFn: async ({ signal }): Promise<Call | null> => {
      const asked = { filter: { call_ids: [id] }, include_costs: true, include_usernames: true };
      return (await findCalls(of, asked, signal))[0] ?? null;
    },
    structuralSharing: false,
  });

/** All feedback on a call, the newest first. */
export const feedbackQuery = (of: string, id: string) =>
  queryOptions({
    queryKey: ["weave", of, "feedback", id],
    queryFn: ({ signal }) =>
      findFeedback(
        of,
        {
          query: { $expr: { $eq: [field("weave_ref"), literal(callRef(of, id))] } },
          sort_by: [{ field: "created_at", direction: "desc" }],
          limit: 1_000,
        },
        signal,
      ),
  });

export interface OpCode {
  code: string;
  versionIndex: number;
  createdAt: string;
}

/** The code of an op's version; null where its object holds none. */
export const codeQuery = (of: string, name: string, digest: string) =>
  queryOptions({
    queryKey: ["weave", of, "op-code", name, digest],
    queryFn: async ({ signal }): Promise<OpCode | null> => {
      const op = await readObject(of, name, digest, signal);
      const file = codeFile(op.val);
      if (!file) return null;
      const code = await readFileText(of, file, signal);
      return { code, versionIndex: op.version_index, createdAt: op.created_at };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

function codeFile(val: unknown): string | null {
  const files = (val as { files?: Record<string, unknown> } | null)?.files;
  if (typeof files !== "object" || files === null) return null;
  const digest = files["obj.py"] ?? Object.values(files)[0];
  return typeof digest === "string" ? digest : null;
}
