import { askJson, askLines } from "./ask";

/** Annotation queues: calls for people to judge, one after the other. */

export interface Queue {
  id: string;
  name: string;
  description: string;
  /** References to what is asked about each call. */
  scorer_refs: string[];
  created_at: string;
  created_by: string;
  updated_at: string;
}

export type ItemState = "unstarted" | "in_progress" | "completed" | "skipped";

export interface QueueItem {
  id: string;
  call_id: string;
  call_op_name: string;
  call_started_at: string;
  /** Paths of what is shown of the call; none: all of it. */
  display_fields: string[];
  /** Of whoever was at it last. */
  annotation_state: ItemState;
  annotator_user_id?: string | null;
  /** From 1, in the whole queue. */
  position_in_queue?: number | null;
}

export interface QueueStats {
  queue_id: string;
  total_items: number;
  completed_items: number;
}

export interface QueueWanted {
  name: string;
  description: string;
  scorer_refs: string[];
}

const BASE = "/traces/annotation_queues";
const path = (id: string) => `${BASE}/${encodeURIComponent(id)}`;

/** Queues of `project` (`team/project`), the newest first; with `name`, those that have it in their name. */
export function findQueues(project: string, name: string, signal?: AbortSignal): Promise<Queue[]> {
  return askLines<Queue>(`${BASE}/query`, { project_id: project, ...(name && { name }) }, signal);
}

/** How far queues are. */
export async function readStats(project: string, ids: string[], signal?: AbortSignal): Promise<QueueStats[]> {
  if (ids.length === 0) return [];
  const body = { project_id: project, queue_ids: ids };
  return (await askJson<{ stats: QueueStats[] }>(`${BASE}/stats`, body, signal)).stats;
}

export async function readQueue(project: string, id: string, signal?: AbortSignal): Promise<Queue> {
  const of = new URLSearchParams({ project_id: project });
  return (await askJson<{ queue: Queue }>(`${path(id)}?${of}`, undefined, signal, "GET")).queue;
}

export function createQueue(project: string, wanted: QueueWanted): Promise<{ id: string }> {
  return askJson(BASE, { project_id: project, ...wanted });
}

export async function updateQueue(project: string, id: string, wanted: QueueWanted): Promise<{ id: string }> {
  await askJson(path(id), { project_id: project, ...wanted }, undefined, "PUT");
  return { id };
}

export async function deleteQueue(project: string, id: string): Promise<void> {
  await askJson(
    `${path(id)}?${new URLSearchParams({ project_id: project })}`,
    undefined,
    undefined,
    "DELETE",
  );
}

/** Put calls at the end of a queue. */
export function addCalls(
  project: string,
  id: string,
  callIds: string[],
  fields: string[],
): Promise<{ added_count: number; duplicates: number }> {
  return askJson(`${path(id)}/items`, { project_id: project, call_ids: callIds, display_fields: fields });
}

/** Items of a queue, in its order, each with its position. */
export async function findItems(
  project: string,
  id: string,
  asked: { states?: ItemState[]; id?: string; limit: number; offset?: number },
  signal?: AbortSignal,
): Promise<QueueItem[]> {
  const { states, limit, offset = 0 } = asked;
  const filter = { ...(states && { annotation_states: states }), ...(asked.id && { id: asked.id }) };
  const body = { project_id: project, include_position: true, filter, limit, offset };
  return (await askJson<{ items: QueueItem[] }>(`${path(id)}/items/query`, body, signal)).items;
}

/** Say how far the one who asks is with an item. */
export async function setProgress(
  project: string,
  queue: string,
  item: string,
  state: ItemState,
): Promise<QueueItem> {
  const body = { project_id: project, annotation_state: state };
  const to = `${path(queue)}/items/${encodeURIComponent(item)}/progress`;
  return (await askJson<{ item: QueueItem }>(to, body)).item;
}
