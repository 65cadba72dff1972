import { askLines } from "./ask";
import type { SortBy } from "./query";

/** A conversation: calls that name the same thread, told of by its turns. */
export interface Thread {
  thread_id: string;
  turn_count: number;
  start_time: string;
  last_updated: string;
  first_turn_id: string | null;
  last_turn_id: string | null;
  p50_turn_duration_ms: number | null;
  p99_turn_duration_ms: number | null;
}

/** Threads of `project` (`team/project`), the last updated first unless sorted. */
export function findThreads(
  project: string,
  asked: { sort_by?: SortBy[]; limit?: number; offset?: number; filter?: { thread_ids?: string[] } },
  signal?: AbortSignal,
): Promise<Thread[]> {
  return askLines<Thread>("/traces/threads/stream_query", { project_id: project, ...asked }, signal);
}
