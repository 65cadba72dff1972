/** Saved prompts, as the `weave` client writes and reads them: a `MessagesPrompt`, or a `StringPrompt` of one text. */

import { newMessage } from "../state/make";
import { isObject } from "../state/schemas";
import type { JsonObject, Message, Role } from "../state/types";

export interface SavedPrompt {
  readonly objectId: string;
  readonly versionIndex: number;
  /** Null where it holds what no chat can begin with. */
  readonly messages: readonly Message[] | null;
}

const ROLES: readonly Role[] = ["system", "user", "assistant"];
const MAX_NAME_CHARS = 128;

/** The prompts in an answer of `objs/query`. */
export function parsePrompts(answer: unknown): SavedPrompt[] {
  const objs = isObject(answer) && Array.isArray(answer.objs) ? answer.objs : [];
  return objs.flatMap((each): SavedPrompt[] => {
    if (!isObject(each) || typeof each.object_id !== "string" || typeof each.version_index !== "number")
      return [];
    return [{ objectId: each.object_id, versionIndex: each.version_index, messages: messagesOf(each.val) }];
  });
}

function messagesOf(value: unknown): Message[] | null {
  if (!isObject(value)) return null;
  if (typeof value.content === "string") return [newMessage("user", value.content)];
  if (!Array.isArray(value.messages) || value.messages.length === 0) return null;
  const messages = value.messages.flatMap((each): Message[] => {
    const role = isObject(each) ? ROLES.find((known) => known === each.role) : undefined;
    if (!isObject(each) || role === undefined || typeof each.content !== "string") return [];
    return [newMessage(role, each.content)];
  });
  return messages.length === value.messages.length ? messages : null;
}

/** What is published under `name`. */
export function promptValue(name: string, prompt: readonly Message[]): JsonObject {
  return {
    _type: "MessagesPrompt",
    _class_name: "MessagesPrompt",
    _bases: ["Prompt", "Object", "BaseModel"],
    name,
    description: null,
    messages: prompt.map(({ role, content }) => ({ role, content })),
  };
}

/** Why an object cannot be called so; null where it can. */
export function promptNameProblem(name: string): string | null {
  if (name === "") return "A prompt needs a name.";
  if (name.length > MAX_NAME_CHARS) return `A name has at most ${MAX_NAME_CHARS} characters.`;
  return /^[A-Za-z0-9][\w.-]*$/.test(name)
    ? null
    : "A name has letters, digits, hyphens, underscores and dots, and begins with a letter or a digit.";
}
