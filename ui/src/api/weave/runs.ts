import { ApiError } from "~/api/errors";
import { askJson } from "./ask";

export interface Run {
  name: string;
  displayName: string | null;
  state: string | null;
  config: string | null;
  summaryMetrics: string | null;
  createdAt: string | null;
  /** When something was heard of it last. */
  heartbeatAt: string | null;
  notes: string | null;
  tags: string[];
  group: string | null;
  jobType: string | null;
  host: string | null;
  commit: string | null;
  historyLineCount: number | null;
  /** What it logged, a JSON object each; of a longer history, steps evenly spread. */
  history: string[];
  user: { username: string } | null;
}

const RUN = `query Run($project: String!, $entity: String!, $name: String!) { project(name: $project, entityName: $entity) {
  run(name: $name) { name displayName state config summaryMetrics createdAt heartbeatAt
  notes tags group jobType host commit historyLineCount history(samples: 400) user { username } } } }`;

interface Answer {
  data?: { project?: { run?: Run | null } | null } | null;
  errors?: { message: string }[];
}

/** A run of the `wandb` client, or null. */
export async function readRun(
  team: string,
  project: string,
  name: string,
  signal: AbortSignal,
): Promise<Run | null> {
  const variables = { entity: team, project, name };
  const { data, errors } = await askJson<Answer>("/graphql", { query: RUN, variables }, signal);
  if (!data?.project && errors?.[0])
    throw new ApiError(errors[0].message, 404, "not_found", "", null, null, {});
  return data?.project?.run ?? null;
}
