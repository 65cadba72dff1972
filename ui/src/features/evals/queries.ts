import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";

export interface Of {
  team: string;
  project: string;
}

const RUNNING_MS = 3_000;

/** The newest runs of a project; asked again while one of them goes on. */
export const runsQuery = (of: Of, limit: number) =>
  queryOptions({
    queryKey: ["evals", of, "runs", limit],
    queryFn: ({ signal }) =>
      must(
        api.GET("/api/evals/{team}/{project}/runs", {
          params: { path: { ...of }, query: { limit } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data?.runs.some((run) => run.status === "running") ? RUNNING_MS : false,
  });

const NEXT_MS = 100;

/** Their means with n and intervals; the server reads a part of the rows at a time, so it is asked until none is left. */
export const meansQuery = (of: Of, limit: number, running: boolean) =>
  queryOptions({
    queryKey: ["evals", of, "means", limit],
    queryFn: ({ signal }) =>
      must(
        api.GET("/api/evals/{team}/{project}/runs/means", {
          params: { path: { ...of }, query: { limit } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (state.data?.left ? NEXT_MS : running ? RUNNING_MS : false),
  });

/** Runs held against a baseline, or one run alone. */
export const comparisonQuery = (of: Of, runs: string[], baseline: string | undefined, turned: string[]) =>
  queryOptions({
    queryKey: ["evals", of, "comparison", runs, baseline, turned],
    queryFn: ({ signal }) =>
      must(
        api.GET("/api/evals/{team}/{project}/comparison", {
          params: { path: { ...of }, query: { runs, baseline: baseline ?? null, turned } },
          querySerializer: { array: { style: "form", explode: true } },
          signal,
        }),
      ),
    enabled: runs.length > 0,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) =>
      state.data?.runs.some((one) => one.run.status === "running") ? RUNNING_MS : false,
  });

export const PAGE = 100;

/** One page of rows. */
export const rowsQuery = (of: Of, asked: Omit<Schema<"RowsAsked">, "offset" | "limit">, page: number) =>
  queryOptions({
    queryKey: ["evals", of, "rows", asked, page],
    queryFn: ({ signal }) =>
      must(
        api.POST("/api/evals/{team}/{project}/rows", {
          params: { path: { ...of } },
          body: { ...asked, offset: page * PAGE, limit: PAGE },
          signal,
        }),
      ),
    staleTime: 60_000,
  });
