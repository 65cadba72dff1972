import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";
import { findObjects } from "~/api/weave/objects";
import type { Place } from "~/lib/place";

export type Monitor = Schema<"MonitorInfo">;
export type MonitorWanted = Schema<"MonitorWanted">;
export type Rule = Schema<"MonitorRule">;
export type ScoreFigure = Schema<"ScoreFigure">;
export type ScoreSeries = Schema<"ScoreSeries">;
export type ScoreResult = Schema<"ScoreResult">;
export type Forecast = Schema<"MonitorForecast">;

const FRESH_MS = 10_000;

/** Where results come from: a monitor by its name; empty for guardrails. */
export type Origin = string;

export const monitorsQuery = ({ team, project }: Place) =>
  queryOptions({
    queryKey: ["monitors", team, project],
    queryFn: ({ signal }) =>
      must(api.GET("/api/monitors/{team}/{project}", { params: { path: { team, project } }, signal })),
    refetchInterval: FRESH_MS,
  });

export const monitorQuery = ({ team, project }: Place, name: string) =>
  queryOptions({
    queryKey: ["monitors", team, project, name],
    queryFn: ({ signal }) => {
      const params = { path: { team, project, name } };
      return must(api.GET("/api/monitors/{team}/{project}/{name}", { params, signal }));
    },
    refetchInterval: FRESH_MS,
  });

export const seriesQuery = ({ team, project }: Place, origin: Origin, hours: number) =>
  queryOptions({
    queryKey: ["scores", "series", team, project, origin, hours],
    queryFn: ({ signal }): Promise<ScoreSeries> => {
      const query = { hours };
      const path = { team, project };
      return origin
        ? must(
            api.GET("/api/monitors/{team}/{project}/{name}/series", {
              params: { path: { ...path, name: origin }, query },
              signal,
            }),
          )
        : must(api.GET("/api/guardrails/{team}/{project}/series", { params: { path, query }, signal }));
    },
    refetchInterval: FRESH_MS,
  });

/** A page of the newest results; `before` is the `next` of the page before it. */
export async function readResults(
  { team, project }: Place,
  origin: Origin,
  asked: { scorer: string; before: string },
  signal?: AbortSignal,
): Promise<Schema<"ScoreResults">> {
  const path = { team, project };
  const more = signal ? { signal } : {};
  return origin
    ? must(
        api.GET("/api/monitors/{team}/{project}/{name}/results", {
          params: { path: { ...path, name: origin }, query: asked },
          ...more,
        }),
      )
    : must(api.GET("/api/guardrails/{team}/{project}/results", { params: { path, query: asked }, ...more }));
}

export function saveMonitor({ team, project }: Place, name: string, body: MonitorWanted): Promise<Monitor> {
  const params = { path: { team, project, name } };
  return must(api.PUT("/api/monitors/{team}/{project}/{name}", { params, body }));
}

/** Switch it on, with a new budget if one is given, or off. */
export function switchMonitor(place: Place, name: string, on: boolean, budget?: string): Promise<Monitor> {
  const params = { path: { team: place.team, project: place.project, name } };
  if (!on) return must(api.POST("/api/monitors/{team}/{project}/{name}/pause", { params }));
  const body = budget === undefined ? {} : { budget_nusd: budget };
  return must(api.POST("/api/monitors/{team}/{project}/{name}/activate", { params, body }));
}

export async function removeMonitor({ team, project }: Place, name: string): Promise<void> {
  await must(
    api.DELETE("/api/monitors/{team}/{project}/{name}", { params: { path: { team, project, name } } }),
  );
}

export const forecastQuery = ({ team, project }: Place, wanted: MonitorWanted | null) =>
  queryOptions({
    queryKey: ["monitor-forecast", team, project, wanted],
    queryFn: ({ signal }) =>
      must(
        api.POST("/api/monitor-forecasts/{team}/{project}", {
          params: { path: { team, project } },
          body: wanted as MonitorWanted,
          signal,
        }),
      ),
    enabled: wanted !== null,
    retry: false,
  });

/** The names of the project's ops. */
export const opsQuery = ({ team, project }: Place) =>
  queryOptions({
    queryKey: ["monitor-ops", team, project],
    queryFn: async ({ signal }) => {
      const filter = { is_op: true, latest_only: true };
      const found = await findObjects(`${team}/${project}`, { filter, limit: 1000 }, signal);
      return found.map((one) => one.object_id).sort((a, b) => a.localeCompare(b));
    },
  });
