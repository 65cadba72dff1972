/** The two calls that a chat makes: the request itself, and what it used. */

import { api, must } from "~/api/client";
import type { Place } from "~/lib/place";
import type { Usage } from "./types";
import type { ChatRequest } from "./wire";

/** Ask through the playground's door: the inference door's own bytes, paid for by the project. */
export function postChat(
  { team, project }: Place,
  request: ChatRequest,
  track: boolean,
  signal: AbortSignal,
): Promise<Response> {
  const path = `/api/playground/${encodeURIComponent(team)}/${encodeURIComponent(project)}/chat/completions`;
  return fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-weft-trace": track ? "full" : "off" },
    body: JSON.stringify(request),
    credentials: "same-origin",
    signal,
  });
}

/** What a request used and cost, exactly; throws where there is no record (yet). */
export async function usageOf(requestId: string): Promise<Usage> {
  const record = await must(
    api.GET("/api/usage/{request_id}", { params: { path: { request_id: requestId } } }),
  );
  return {
    inputTokens: record.input_tokens,
    cachedInputTokens: record.cached_input_tokens,
    outputTokens: record.output_tokens,
    reasoningTokens: record.reasoning_tokens,
    costNusd: record.cost_nusd,
    ttftMs: record.ttft_ms,
    totalMs: record.total_ms,
    queueMs: record.queue_ms,
  };
}
