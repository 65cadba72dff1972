import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";
import { findDatasets, findVersions } from "~/api/weave/datasets";
import { findObjects } from "~/api/weave/objects";
import type { Place } from "~/lib/place";
import type { EvalBatch, EvalEstimate, EvalWanted } from "./draft/types";

export type SavedModel = Schema<"SavedModel">;

const projectOf = ({ team, project }: Place) => `${team}/${project}`;
const RUNNING_MS = 1_500;
const PAGE = 20;

export function datasetsQuery(place: Place) {
  return queryOptions({
    queryKey: ["evaluation", projectOf(place), "datasets"],
    queryFn: ({ signal }) => findDatasets(projectOf(place), signal),
  });
}

export function versionsQuery(place: Place, id: string) {
  return queryOptions({
    queryKey: ["evaluation", projectOf(place), "datasets", id],
    queryFn: ({ signal }) => findVersions(projectOf(place), id, signal),
    enabled: id !== "",
  });
}

export function savedModelsQuery(place: Place) {
  return queryOptions({
    queryKey: ["playground", place.team, place.project, "models"],
    queryFn: async ({ signal }) => {
      const path = { ...place };
      const told = await must(
        api.GET("/api/playground/{team}/{project}/models", { params: { path }, signal }),
      );
      return told.models;
    },
  });
}

/** Published scorers, the newest version of each. */
export function scorersQuery(place: Place) {
  return queryOptions({
    queryKey: ["evaluation", projectOf(place), "scorers"],
    queryFn: ({ signal }) =>
      findObjects(
        projectOf(place),
        {
          filter: { base_object_classes: ["Scorer"], latest_only: true, is_op: false },
          limit: 100,
          sort_by: [{ field: "created_at", direction: "desc" }],
          metadata_only: true,
        },
        signal,
      ),
  });
}

/** What it is going to cost; asked anew as what is wanted changes, and the last answer stays in sight. */
export function estimateQuery(place: Place, wanted: EvalWanted | null) {
  return queryOptions({
    queryKey: ["evaluation", projectOf(place), "estimate", wanted],
    queryFn: ({ signal }) =>
      must(
        api.POST("/api/evals/{team}/{project}/estimate", {
          params: { path: { ...place } },
          body: wanted as EvalWanted,
          signal,
        }),
      ),
    enabled: wanted !== null,
    placeholderData: wanted === null ? undefined : keepPreviousData,
    staleTime: 60_000,
  });
}

/** What is left of each limit that the caller's requests count for. */
export function standingQuery(team: string) {
  return queryOptions({
    queryKey: ["limits", "own", team],
    queryFn: ({ signal }) => must(api.GET("/api/limits", { params: { query: { project: team } }, signal })),
  });
}

/** The estimate after some rows were asked and paid. */
export function askPilot(place: Place, body: EvalWanted): Promise<EvalEstimate> {
  return must(api.POST("/api/evals/{team}/{project}/estimate", { params: { path: { ...place } }, body }));
}

export function startBatch(place: Place, body: EvalWanted): Promise<EvalBatch> {
  return must(api.POST("/api/evals/{team}/{project}/batches", { params: { path: { ...place } }, body }));
}

export function batchesQuery(place: Place) {
  return queryOptions({
    queryKey: ["evaluation", projectOf(place), "batches"],
    queryFn: ({ signal }) =>
      must(
        api.GET("/api/evals/{team}/{project}/batches", {
          params: { path: { ...place }, query: { limit: PAGE } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data?.batches.some((batch) => batch.state === "running") ? RUNNING_MS * 2 : false,
  });
}

/** One batch, looked at again and again while it runs. */
export function batchQuery(place: Place, id: string) {
  return queryOptions({
    queryKey: ["evaluation", projectOf(place), "batch", id],
    queryFn: ({ signal }) =>
      must(
        api.GET("/api/evals/{team}/{project}/batches/{batch_id}", {
          params: { path: { ...place, batch_id: id } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? RUNNING_MS : false),
  });
}

export function stopBatch(place: Place, id: string): Promise<EvalBatch> {
  const path = { ...place, batch_id: id };
  return must(api.POST("/api/evals/{team}/{project}/batches/{batch_id}/stop", { params: { path } }));
}

export function resumeBatch(place: Place, id: string, budget: bigint | null): Promise<EvalBatch> {
  const path = { ...place, batch_id: id };
  const body = budget === null ? {} : { budget_nusd: budget.toString() };
  return must(api.POST("/api/evals/{team}/{project}/batches/{batch_id}/resume", { params: { path }, body }));
}
