/** What the address of the Playground asks for. */

import { MAX_CHATS } from "./make";

const MAX_MODEL_CHARS = 512;

/**
 * The models of `?models=`, one chat each, in the ways that links write them: once, several times
 * (`?models=a&models=b`), or as a JSON array. The same model twice is two chats.
 */
export function modelsOf(given: unknown): string[] {
  const list: unknown = typeof given === "string" && given.startsWith("[") ? fromJson(given) : given;
  const all: unknown[] = Array.isArray(list) ? list : [list];
  return all
    .filter(
      (each): each is string => typeof each === "string" && each !== "" && each.length <= MAX_MODEL_CHARS,
    )
    .slice(0, MAX_CHATS);
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
