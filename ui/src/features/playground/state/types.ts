/**
 * The nouns of the Playground. Everything is read-only: the reducer makes new values, so that a column whose chat did
 * not change is not drawn again.
 */

export type Role = "system" | "user" | "assistant" | "tool";

/** A function that a model wants called; `arguments` is JSON in a string, as the model wrote it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** One of the answers to one request: there are as many as trials were asked for. */
export interface Choice {
  readonly content: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  /** As the server said it; null while it is written or when it was cut off. */
  readonly finishReason: string | null;
}

/** Why a request failed, in the words of the server's error envelope. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly param: string | null;
  readonly retryAfterS: number | null;
}

/** What one request used, from its usage record. Money is nano-dollars in a string. */
export interface Usage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly costNusd: string;
  readonly ttftMs: number;
  readonly totalMs: number;
  readonly queueMs: number;
}

export type AnswerStatus = "waiting" | "streaming" | "done" | "stopped" | "failed";

/** What became of one request: kept with the message that it produced. */
export interface Answer {
  readonly status: AnswerStatus;
  readonly model: string;
  readonly choices: readonly Choice[];
  readonly selected: number;
  readonly requestId: string | null;
  /** Whether the request was kept as a trace. */
  readonly traced: boolean;
  /** What the server says while one waits: that the model is loaded, and how long that takes. */
  readonly note: string | null;
  readonly failure: Failure | null;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly ttftMs: number | null;
  /** From the first piece to the last, in milliseconds, as far as it has come. */
  readonly writingMs: number;
  /** Pieces of text so far: nearly always tokens. */
  readonly pieces: number;
  readonly usage: Usage | null;
  readonly edited: boolean;
}

export interface Message {
  readonly id: string;
  readonly role: Role;
  /** The text; where there is an answer, the selected choice holds it. */
  readonly content: string;
  /** `data:` URLs. */
  readonly images: readonly string[];
  /** The call that a message of role tool is the result of. */
  readonly toolCallId: string | null;
  readonly answer: Answer | null;
}

export interface ToolFunction {
  readonly name: string;
  readonly description: string;
  /** A JSON schema. */
  readonly parameters: JsonObject;
  readonly strict: boolean;
}

export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly name: string;
      readonly schema: JsonObject;
      readonly strict: boolean;
    };

export interface ChatSettings {
  readonly responseFormat: ResponseFormat;
  readonly functions: readonly ToolFunction[];
  readonly stop: readonly string[];
  readonly trials: number;
  /** Null is the default: half of what the model takes. 0 sets no limit of its own. */
  readonly maxTokens: number | null;
  readonly temperature: number;
  readonly topP: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly track: boolean;
}

/** The saved model that a chat was made of. */
export interface SavedRef {
  readonly objectId: string;
  readonly digest: string;
  readonly versionIndex: number;
}

export interface Chat {
  readonly id: string;
  /** The model's id as the server is sent it; empty while none is chosen. */
  readonly model: string;
  readonly settings: ChatSettings;
  /** System and few-shot messages; they stay when the chat is cleared. */
  readonly prompt: readonly Message[];
  readonly messages: readonly Message[];
  readonly saved: SavedRef | null;
}

export interface Playground {
  /** At least one. */
  readonly chats: readonly Chat[];
  /** The chat that shortcuts and phones look at. */
  readonly activeId: string;
}

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}
