/** What a key means while an item is judged. Pure. */

import type { Question } from "~/api/weave/annotations";

export type Key = { is: "next" | "previous" | "skip" | "done" } | { is: "choose"; option: number };

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  target: EventTarget | null;
}

const LETTERS: Record<string, Key> = { j: { is: "next" }, k: { is: "previous" }, s: { is: "skip" } };

/** The key's meaning; null where it has none, or belongs to the field that it is typed in. */
export function keyOf(pressed: Pressed, questions: Question[]): Key | null {
  const { key, ctrlKey, metaKey, altKey } = pressed;
  if (key === "Enter" && (ctrlKey || metaKey)) return { is: "done" };
  if (ctrlKey || metaKey || altKey || isTypedIn(pressed.target)) return null;
  const letter = LETTERS[key.toLowerCase()];
  if (letter) return letter;
  const option = /^[1-9]$/.test(key) ? Number(key) - 1 : -1;
  const isThere = questions.some(({ answer }) => answer.is === "choice" && option < answer.options.length);
  return option >= 0 && isThere ? { is: "choose", option } : null;
}

/** Whether letters are the text of what has the focus. */
function isTypedIn(target: EventTarget | null): boolean {
  const { tagName, type } = (target ?? {}) as { tagName?: string; type?: string };
  return tagName === "TEXTAREA" || tagName === "SELECT" || (tagName === "INPUT" && type !== "radio");
}
