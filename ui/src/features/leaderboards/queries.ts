import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";
import type { Place } from "~/lib/place";

export type Board = Schema<"BoardAnswer">;
export type BoardHead = Schema<"BoardHead">;
export type BoardColumn = Schema<"ColumnAnswer">;
export type BoardModel = Schema<"ModelAnswer">;
export type Cell = Schema<"CellAnswer">;
export type Definition = Schema<"BoardWire">;
export type ColumnWire = Schema<"ColumnWire">;
export type Dynamic = Schema<"DynamicWire">;
export type DynamicColumn = Schema<"DynamicColumnWire">;
export type Choice = Schema<"EvaluationChoice">;
export type Versions = "exact" | "any";

/** New runs come while a board is looked at. */
const REFRESH_MS = 30_000;

const of = (place: Place) => ["leaderboards", place.team, place.project];

/** Everything of one project's leaderboards, to be asked anew after a change. */
export const boardsKey = of;

export const boardsQuery = (place: Place) =>
  queryOptions({
    queryKey: [...of(place), "list"],
    queryFn: ({ signal }) =>
      must(api.GET("/api/evals/{team}/{project}/leaderboards", { params: { path: place }, signal })),
  });

export const boardQuery = (place: Place, name: string, versions: Versions) =>
  queryOptions({
    queryKey: [...of(place), "board", name, versions],
    queryFn: ({ signal }) =>
      must(
        api.GET("/api/evals/{team}/{project}/leaderboards/{name}", {
          params: { path: { ...place, name }, query: { versions } },
          signal,
        }),
      ),
    refetchInterval: REFRESH_MS,
  });

/** A board that is not saved, or not as it is. */
export const previewQuery = (place: Place, definition: Definition, versions: Versions) =>
  queryOptions({
    queryKey: [...of(place), "preview", definition, versions],
    queryFn: ({ signal }) =>
      must(
        api.POST("/api/evals/{team}/{project}/leaderboards/preview", {
          params: { path: place, query: { versions } },
          body: definition,
          signal,
        }),
      ),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });

export const choicesQuery = (place: Place) =>
  queryOptions({
    queryKey: [...of(place), "choices"],
    queryFn: ({ signal }) =>
      must(api.GET("/api/evals/{team}/{project}/leaderboard-choices", { params: { path: place }, signal })),
  });

/** Save under a new name, or a new version of `name`. */
export function saveBoard(place: Place, name: string | null, definition: Definition) {
  if (name === null)
    return must(
      api.POST("/api/evals/{team}/{project}/leaderboards", { params: { path: place }, body: definition }),
    );
  return must(
    api.PUT("/api/evals/{team}/{project}/leaderboards/{name}", {
      params: { path: { ...place, name } },
      body: definition,
    }),
  );
}

export function deleteBoard(place: Place, name: string) {
  return must(
    api.DELETE("/api/evals/{team}/{project}/leaderboards/{name}", { params: { path: { ...place, name } } }),
  );
}
