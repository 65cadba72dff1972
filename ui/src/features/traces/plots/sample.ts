import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { findCalls } from "~/api/weave/calls";
import type { Question } from "../table/question";

/** Calls that plots are drawn of: the newest of those that the table shows. */
export const SAMPLE = 2_000;

const COLUMNS = [
  "id",
  "op_name",
  "display_name",
  "started_at",
  "ended_at",
  "exception",
  "wb_user_id",
  "summary",
];

export const sampleQuery = (project: string, question: Question, paths: string[]) =>
  queryOptions({
    queryKey: ["traces-plots", project, question.filter, question.query ?? null, paths],
    queryFn: ({ signal }) =>
      findCalls(
        project,
        {
          filter: question.filter,
          query: question.query,
          sort_by: [{ field: "started_at", direction: "desc" }],
          limit: SAMPLE,
          columns: [...COLUMNS, ...paths],
          include_costs: true,
          include_usernames: true,
        },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
