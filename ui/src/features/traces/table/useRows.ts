import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type Call, countCalls, findCalls } from "~/api/weave/calls";
import { type Condition, every, field, literal } from "~/api/weave/query";
import { BLOCK, blocksFor, pieceOf, rowsOf } from "./blocks";
import { type Question, ROW_COLUMNS, ROW_EXTRAS, turned } from "./question";

/** Counting ends there, and after that time: no reader waits for it. */
const COUNTED = 5_000_000;
const COUNT_MS = 20_000;
/** Rows that are out of sight are forgotten after that time: there may be very many. */
const KEPT_MS = 60_000;

export interface Rows {
  /** Under what its rows are kept. */
  cacheKey: readonly unknown[];
  /** In their order; undefined where they are not here yet. */
  rows: (Call | undefined)[];
  /** Over all pages; null as long as it is not counted. */
  total: number | null;
  /** `total` is where counting ended. */
  isMore: boolean;
  isCounting: boolean;
  isLoading: boolean;
  /** Rows of another question are still shown. */
  isStale: boolean;
  error: unknown;
  retry: () => void;
  onRange: (first: number, last: number) => void;
}

interface Asked {
  project: string;
  question: Question;
  size: number;
  /** From 1. */
  page: number;
  /** Changes when everything is to be read anew. */
  turn: number;
}

/** A page of calls, read in blocks as they come into sight. */
export function useRows({ project, question, size, page, turn }: Asked): Rows {
  const key = useMemo(() => ["traces", project, question, turn] as const, [project, question, turn]);
  // Not secret: it only tells one table's pages from another's.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new one for each question
  const token = useMemo(() => `t${Math.random().toString(36).slice(2)}`, [key]);
  const [range, setRange] = useState({ first: 0, last: 0 });
  const start = (page - 1) * size;
  const head = useQuery({
    queryKey: [...key, "block", start, size],
    queryFn: ({ signal }) =>
      block(project, question, { start, size: Math.min(size, BLOCK), total: null, token }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT_MS,
    placeholderData: keepPreviousData,
  });
  const isStale = head.isPlaceholderData;
  const newest = isStale || page > 1 ? undefined : head.data?.[0]?.started_at;
  const settled = newest === undefined ? question : bounded(question, newest);
  const count = useQuery({
    queryKey: [...key, "count", newest],
    queryFn: ({ signal }) => counted(project, settled, signal),
    enabled: head.isSuccess && !isStale,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const total = count.data?.isMore === false ? count.data.count : null;
  const known = rowsOf(start, size, total, 0) || (head.data?.length ?? 0);
  const wanted = isStale || head.data === undefined ? [] : blocksFor(range.first, range.last, size);
  const others = wanted.filter((index) => index > 0 && (total === null || index * BLOCK < known));
  const blocks = useQueries({
    queries: others.map((index) => ({
      queryKey: [...key, "block", start + index * BLOCK, BLOCK],
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const at = index * BLOCK;
        const piece = { start: start + at, size: Math.min(BLOCK, size - at), total, token };
        return block(project, settled, piece, signal);
      },
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: KEPT_MS,
      enabled: (head.data?.length ?? 0) >= Math.min(size, BLOCK),
    })),
  });
  const parts = blocks.map((one) => one.data);
  const identity = `${others.join()}|${blocks.map((one) => one.dataUpdatedAt).join()}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `identity` stands for `others` and `parts`, which are new arrays each time
  const rows = useMemo(() => {
    const first = head.data ?? [];
    const end = others.reduce((most, index, at) => {
      const part = parts[at];
      return part && part.length > 0 ? Math.max(most, index * BLOCK + part.length) : most;
    }, first.length);
    const isOpen = first.length > 0 && end % BLOCK === 0 && end < size;
    const length = isStale ? first.length : rowsOf(start, size, total, isOpen ? end + BLOCK : end);
    const all: (Call | undefined)[] = new Array(Math.max(length, end)).fill(undefined);
    first.forEach((call, at) => {
      all[at] = call;
    });
    others.forEach((index, at) => {
      parts[at]?.forEach((call, place) => {
        all[index * BLOCK + place] = call;
      });
    });
    return all;
  }, [head.data, identity, total, start, size, isStale]);
  return {
    cacheKey: key,
    rows,
    total: count.data?.count ?? null,
    isMore: count.data?.isMore ?? false,
    isCounting: count.isFetching,
    isLoading: head.isPending,
    isStale,
    error: head.error ?? blocks.find((one) => one.error)?.error ?? null,
    retry: () => void head.refetch(),
    onRange: (first, last) =>
      setRange((before) => (before.first === first && before.last === last ? before : { first, last })),
  };
}

async function counted(project: string, question: Question, signal: AbortSignal) {
  const { filter, query } = question;
  const bound = AbortSignal.any([signal, AbortSignal.timeout(COUNT_MS)]);
  const found = await countCalls(project, { filter, query, limit: COUNTED }, bound);
  return { count: found.count, isMore: found.has_more ?? false };
}

/** Whether its rows from the other end are its rows turned round: what is empty stands last either way. */
function isMirrored(question: Question): boolean {
  return question.sort_by[0]?.field === "started_at";
}

/** The same calls without those that came since: what one reads does not move. */
function bounded(question: Question, newest: string): Question {
  const [sort] = question.sort_by;
  if (sort?.field !== "started_at" || sort.direction !== "desc") return question;
  const until: Condition = { $lte: [field("started_at"), literal(newest)] };
  const parts = question.query ? [question.query.$expr, until] : [until];
  return { ...question, query: every(parts) };
}

interface Wanted {
  start: number;
  size: number;
  total: number | null;
  token: string;
}

async function block(
  project: string,
  question: Question,
  { start, size, total, token }: Wanted,
  signal: AbortSignal,
): Promise<Call[]> {
  const { offset, limit, fromEnd } = pieceOf(start, size, isMirrored(question) ? total : null);
  const asked = {
    ...question,
    sort_by: fromEnd ? turned(question.sort_by) : question.sort_by,
    offset,
    limit,
    order_token: token,
    columns: ROW_COLUMNS,
    ...ROW_EXTRAS,
  };
  const calls = await findCalls(project, asked, signal);
  return fromEnd ? calls.reverse() : calls;
}
