import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { readQuestions } from "~/api/weave/annotations";
import { type Call, type Feedback, findCalls } from "~/api/weave/calls";
import { findFeedback } from "~/api/weave/feedback";
import { field, literal, type Query, type SortBy } from "~/api/weave/query";
import { findItems, findQueues, type Queue, readQueue, readStats } from "~/api/weave/queues";
import { callRef } from "~/api/weave/refs";
import { offsetAfter, STATES } from "./items";
import type { Shown } from "./search";

const PAGE = 200;
const ANNOTATION = "wandb.annotation.";

export const queuesQuery = (of: string, name: string) =>
  queryOptions({
    queryKey: ["queues", of, "list", name],
    queryFn: ({ signal }) => findQueues(of, name, signal),
  });

export const queueQuery = (of: string, id: string) =>
  queryOptions({
    queryKey: ["queues", of, "one", id],
    queryFn: ({ signal }) => readQueue(of, id, signal),
  });

export const statsQuery = (of: string, ids: string[]) =>
  queryOptions({
    queryKey: ["queues", of, "stats", ids],
    queryFn: ({ signal }) => readStats(of, ids, signal),
  });

/** Items, page after page. While somebody works through them they stay where they are, whatever becomes of them. */
export const itemsQuery = (of: string, id: string, shown: Shown) =>
  infiniteQueryOptions({
    queryKey: ["queues", of, "items", id, shown],
    queryFn: ({ pageParam, signal }) => {
      const states = STATES[shown];
      return findItems(of, id, { ...(states && { states }), limit: PAGE, offset: pageParam }, signal);
    },
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length === PAGE ? offsetAfter(pages, shown) : undefined),
    refetchOnMount: "always",
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** What a queue asks of each call. */
export const questionsQuery = (of: string, queue: Queue) =>
  queryOptions({
    queryKey: ["queues", of, "questions", queue.scorer_refs],
    queryFn: ({ signal }) => readQuestions(queue.scorer_refs, signal),
  });

/** A call that is judged; null if it is not there any more. */
export const judgedQuery = (of: string, id: string) =>
  queryOptions({
    queryKey: ["queues", of, "call", id],
    queryFn: async ({ signal }): Promise<Call | null> =>
      (await findCalls(of, { filter: { call_ids: [id] } }, signal))[0] ?? null,
    structuralSharing: false,
  });

/** The first of the calls that are to be put in a queue: they tell what can be shown. */
export const someCallsQuery = (of: string, ids: string[]) =>
  queryOptions({
    queryKey: ["queues", of, "calls", ids],
    queryFn: ({ signal }) => findCalls(of, { filter: { call_ids: ids }, limit: 20, shorten: 100 }, signal),
    enabled: ids.length > 0,
  });

/** What people answered about a call, the newest first. */
export const answersQuery = (of: string, callId: string) =>
  queryOptions({
    queryKey: ["queues", of, "answers", callId],
    queryFn: async ({ signal }) => {
      const query: Query = { $expr: { $eq: [field("weave_ref"), literal(callRef(of, callId))] } };
      const sort_by: SortBy[] = [{ field: "created_at", direction: "desc" }];
      return (await findFeedback(of, { query, sort_by, limit: 200 }, signal)).filter(isAnswer);
    },
  });

const isAnswer = (one: Feedback): boolean => one.feedback_type.startsWith(ANNOTATION);

/** The question that a piece of feedback answers, by its object's name. */
export const questionNameOf = (one: Feedback): string => one.feedback_type.slice(ANNOTATION.length);
