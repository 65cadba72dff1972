import { queryOptions } from "@tanstack/react-query";
import { findCalls } from "~/api/weave/calls";
import { field, literal } from "~/api/weave/query";
import { readRun } from "~/api/weave/runs";

const AGAIN_MS = 10_000;
const MOST_CALLS = 50;

/** A run, asked for anew while it runs. */
export const runQuery = (team: string, project: string, name: string) =>
  queryOptions({
    queryKey: ["wandb", `${team}/${project}`, "run", name],
    queryFn: ({ signal }) => readRun(team, project, name, signal),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? AGAIN_MS : false),
  });

const newest = { sort_by: [{ field: "started_at", direction: "desc" as const }], limit: MOST_CALLS };
const ofRun = (of: string, name: string) => ({ wb_run_ids: [`${of}/${name}`] });

/** The newest traces of a run. */
export const tracesQuery = (of: string, name: string) =>
  queryOptions({
    queryKey: ["wandb", of, "run-traces", name],
    queryFn: ({ signal }) =>
      findCalls(
        of,
        { ...newest, filter: { ...ofRun(of, name), trace_roots_only: true }, shorten: 100 },
        signal,
      ),
  });

/** The newest evaluations of a run. */
export const evaluationsQuery = (of: string, name: string) =>
  queryOptions({
    queryKey: ["wandb", of, "run-evaluations", name],
    queryFn: ({ signal }) => {
      const substr = literal("Evaluation.evaluate:");
      const query = { $expr: { $contains: { input: field("op_name"), substr } } };
      return findCalls(of, { ...newest, filter: ofRun(of, name), query, shorten: 100 }, signal);
    },
  });
