/** The shapes of OpenAI's chat completions, as far as the Playground sends and reads them. */

import type { Json, JsonObject } from "./types";

export type ContentPart = { type: "text"; text: string } | { type: "image_url"; image_url: { url: string } };

export interface WireToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

export interface WireMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: string | ContentPart[] | null;
  tool_calls?: WireToolCall[];
  tool_call_id?: string;
}

export interface WireTool {
  type: "function";
  function: { name: string; description?: string; parameters: JsonObject; strict?: boolean };
}

/** The body of a request; members that would change nothing are left out. */
export interface ChatRequest {
  model: string;
  messages: WireMessage[];
  max_tokens?: number;
  temperature?: number;
  top_p?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  n?: number;
  stop?: string[];
  response_format?: { [name: string]: Json };
  tools?: WireTool[];
  stream?: boolean;
  stream_options?: { include_usage: boolean };
}

export interface WireToolCallDelta {
  index?: number | null;
  id?: string | null;
  function?: { name?: string | null; arguments?: string | null } | null;
}

/** A delta of a stream, or the whole message of an answer in one piece. */
export interface WireDelta {
  content?: string | null;
  refusal?: string | null;
  reasoning?: string | null;
  reasoning_content?: string | null;
  tool_calls?: WireToolCallDelta[] | null;
}

export interface WireChoice {
  index: number;
  delta?: WireDelta;
  message?: WireDelta;
  finish_reason?: string | null;
}

export interface WireUsage {
  prompt_tokens?: number;
  completion_tokens?: number;
}

/** One event of a stream, or a whole answer, or an error. */
export interface WireChunk {
  choices?: WireChoice[];
  usage?: WireUsage | null;
  error?: WireError;
}

export interface WireError {
  message?: string;
  code?: string | null;
  param?: string | null;
  metadata?: { remedy?: string; retry_after_s?: number } | null;
}
