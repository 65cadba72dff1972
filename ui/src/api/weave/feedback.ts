import { askJson } from "./ask";
import type { Feedback } from "./calls";
import type { Query, SortBy } from "./query";

export interface FeedbackWanted {
  weave_ref: string;
  feedback_type: string;
  payload: Record<string, unknown>;
  annotation_ref?: string;
  /** The annotation queue that it was given in. */
  queue_id?: string;
}

/** Feedback of `project` (`team/project`). */
export async function findFeedback(
  project: string,
  asked: { query?: Query | undefined; limit?: number; offset?: number; sort_by?: SortBy[] },
  signal?: AbortSignal,
): Promise<Feedback[]> {
  const body = { project_id: project, ...asked };
  return (await askJson<{ result: Feedback[] }>("/traces/feedback/query", body, signal)).result;
}

/** Leave feedback. */
export function giveFeedback(project: string, wanted: FeedbackWanted): Promise<{ id: string }> {
  return askJson("/traces/feedback/create", { project_id: project, ...wanted });
}

/** Take feedback back. */
export async function removeFeedback(project: string, id: string): Promise<void> {
  const query = { $expr: { $eq: [{ $getField: "id" }, { $literal: id }] } };
  await askJson("/traces/feedback/purge", { project_id: project, query });
}
