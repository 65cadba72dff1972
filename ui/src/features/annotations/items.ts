/** Items of a queue as a list that is worked through, and what is shown of their calls. Pure. */

import type { Call } from "~/api/weave/calls";
import type { ItemState, QueueItem } from "~/api/weave/queues";
import type { Shown } from "./search";

export const STATES: Record<Shown, ItemState[] | undefined> = {
  todo: ["unstarted", "in_progress"],
  done: ["completed", "skipped"],
  all: undefined,
};

export const WORDS: Record<ItemState, string> = {
  unstarted: "To do",
  in_progress: "Started",
  completed: "Done",
  skipped: "Skipped",
};

export const isDone = (item: QueueItem): boolean =>
  item.annotation_state === "completed" || item.annotation_state === "skipped";

/** The pages as one list; whoever pages while others work may be told of an item twice. */
export function itemsIn(pages: QueueItem[][]): QueueItem[] {
  return [...new Map(pages.flat().map((one) => [one.id, one])).values()];
}

/** Where the next page begins: what was done since counts no longer among what is to do. */
export function offsetAfter(pages: QueueItem[][], shown: Shown): number {
  const items = itemsIn(pages);
  return shown === "todo" ? items.filter((one) => !isDone(one)).length : items.length;
}

/** The item to go to after the one at `at`: the next that nobody is done with, from the beginning again at the end. */
export function nextOpen(items: QueueItem[], at: number): QueueItem | null {
  const order = [...items.slice(at + 1), ...items.slice(0, at)];
  return order.find((one) => !isDone(one)) ?? null;
}

/** An item's new state in the pages it is in. */
export function withState(pages: QueueItem[][], id: string, state: ItemState): QueueItem[][] {
  return pages.map((page) => page.map((one) => (one.id === id ? { ...one, annotation_state: state } : one)));
}

/** What a dotted path leads to in a call; undefined where it leads nowhere. */
export function valueAt(call: Call, path: string): unknown {
  let value: unknown = call;
  for (const step of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** The fields of calls that can be shown each by itself: what is in their inputs and outputs, by path. */
export function fieldsOf(calls: Call[]): string[] {
  const found = new Set<string>();
  for (const call of calls) {
    for (const name of keysOf(call.inputs)) found.add(`inputs.${name}`);
    for (const name of keysOf(call.output)) found.add(`output.${name}`);
    if (call.output != null && keysOf(call.output).length === 0) found.add("output");
  }
  return [...found];
}

function keysOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  // A name with a dot would be read as a path.
  return Object.keys(value).filter((name) => !name.includes("."));
}
