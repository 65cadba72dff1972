import { ApiError, type ErrorBody } from "~/api/errors";
import type { Call } from "./link";

/** The trace server's own routes, as whoever is signed in. Their shapes are the Weave client's, so no types are made. */

const PAGE = 50;
const COLUMNS = [
  "id",
  "trace_id",
  "op_name",
  "display_name",
  "started_at",
  "ended_at",
  "exception",
  "summary",
];

async function ask(path: string, body: unknown, signal: AbortSignal): Promise<string> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
  } catch (cause) {
    throw ApiError.unreachable(cause);
  }
  const text = await response.text();
  if (response.ok) return text;
  throw ApiError.of(response, refusalOf(text));
}

function refusalOf(text: string): ErrorBody | undefined {
  try {
    const told = JSON.parse(text);
    // The Weave client reads `message`, others our envelope.
    return told.error ? told : { error: { message: told.message ?? told.reason } };
  } catch {
    return undefined;
  }
}

/** The newest calls of a project that a filter takes. */
export async function findCalls(project: string, filter: object, signal: AbortSignal): Promise<Call[]> {
  const sort = [{ field: "started_at", direction: "desc" }];
  const body = { project_id: project, filter, columns: COLUMNS, limit: PAGE, sort_by: sort };
  const lines = await ask("/traces/calls/stream_query", body, signal);
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** One call, or null: it may still be on its way. */
export async function readCall(project: string, id: string, signal: AbortSignal): Promise<Call | null> {
  const text = await ask("/traces/call/read", { project_id: project, id }, signal);
  return JSON.parse(text).call;
}

export interface TracedObject {
  base_object_class?: string | null;
  kind?: string;
  version_index: number;
  digest: string;
  created_at: string;
  val: unknown;
}

/** One version of an object. */
export async function readObject(
  project: string,
  name: string,
  digest: string,
  signal: AbortSignal,
): Promise<TracedObject> {
  const text = await ask("/traces/obj/read", { project_id: project, object_id: name, digest }, signal);
  return JSON.parse(text).obj;
}

export interface Run {
  name: string;
  displayName: string | null;
  state: string | null;
  config: string | null;
  summaryMetrics: string | null;
  createdAt: string | null;
  user: { username: string } | null;
}

const RUN = `query Run($project: String!, $entity: String!, $name: String!) { project(name: $project, entityName: $entity) {
  run(name: $name) { name displayName state config summaryMetrics createdAt user { username } } } }`;

/** A run of the `wandb` client, or null. */
export async function readRun(
  team: string,
  project: string,
  name: string,
  signal: AbortSignal,
): Promise<Run | null> {
  const text = await ask("/graphql", { query: RUN, variables: { entity: team, project, name } }, signal);
  const { data, errors } = JSON.parse(text);
  if (!data?.project && errors?.[0])
    throw new ApiError(String(errors[0].message), 404, "not_found", "", null, null, {});
  return data?.project?.run ?? null;
}
