import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { type Call, countCalls, findCalls } from "~/api/weave/calls";
import { type Condition, every, field, literal } from "~/api/weave/query";
import { type Question, ROW_COLUMNS, ROW_EXTRAS } from "../table/question";

const EVERY_MS = 2_500;
const COUNTED = 1_000;
const WATCHED = 100;

interface LiveAsked {
  project: string;
  question: Question;
  /** The rows that are here, and what of the cache they are kept under. */
  rows: (Call | undefined)[];
  cacheKey: readonly unknown[];
  /** Calls that started after this moment are new; null: nothing to compare with yet. */
  since: string | null;
  isOn: boolean;
}

/**
 * Watches for new calls, and for the end of those that run. Cheap: one count over the index of times, and a look at the
 * running ones among the rows. New ones are told, not shown: what one reads does not move.
 */
export function useLive({ project, question, rows, cacheKey, since, isOn }: LiveAsked): number {
  const client = useQueryClient();
  const fresh = useQuery({
    queryKey: ["traces-live", project, question, since],
    queryFn: ({ signal }) => countCalls(project, newer(question, since ?? ""), signal),
    enabled: isOn && since !== null,
    refetchInterval: EVERY_MS,
    staleTime: 0,
    gcTime: 0,
  });
  const running = rows.flatMap((call) => (call && !call.ended_at ? [call.id] : [])).slice(0, WATCHED);
  const ended = useQuery({
    queryKey: ["traces-ended", project, running],
    queryFn: ({ signal }) => endedOf(project, running, signal),
    enabled: isOn && running.length > 0,
    refetchInterval: EVERY_MS,
    staleTime: 0,
    gcTime: 0,
  });
  useEffect(() => {
    if (!ended.data || ended.data.length === 0) return;
    const now = new Map(ended.data.map((call) => [call.id, call]));
    client.setQueriesData<unknown>({ queryKey: cacheKey }, (kept: unknown) =>
      Array.isArray(kept) ? (kept as Call[]).map((call) => now.get(call.id) ?? call) : kept,
    );
  }, [client, cacheKey, ended.data]);
  return isOn && since !== null ? (fresh.data?.count ?? 0) : 0;
}

function newer(question: Question, since: string) {
  const later: Condition = { $gt: [field("started_at"), literal(since)] };
  const parts = question.query ? [question.query.$expr, later] : [later];
  return { filter: question.filter, query: every(parts), limit: COUNTED };
}

/** Of calls that ran, those that do so no more: looked at by their ends first, and read whole only then. */
async function endedOf(project: string, ids: string[], signal: AbortSignal): Promise<Call[]> {
  const looked = await findCalls(project, { filter: { call_ids: ids }, columns: ["id", "ended_at"] }, signal);
  const over = looked.filter((call) => call.ended_at).map((call) => call.id);
  if (over.length === 0) return [];
  return findCalls(project, { filter: { call_ids: over }, columns: ROW_COLUMNS, ...ROW_EXTRAS }, signal);
}
