/**
 * Reads server-sent events from a response body (html.spec.whatwg.org, server-sent events, read 2026-11), comments
 * included: they say what one waits for.
 */

import { createParser } from "eventsource-parser";

export type StreamEvent =
  | { readonly kind: "data"; readonly data: string }
  | { readonly kind: "comment"; readonly text: string };

/** More than the server ever sends in one event; without a bound a line without an end would grow for ever. */
const LONGEST_EVENT_CHARS = 16 * 1024 * 1024;

/**
 * The events of a body, as they come. Whoever leaves the loop early cancels the body.
 *
 * @throws what the network throws; `AbortError` where the fetch was aborted; an error for an event without an end
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let events: StreamEvent[] = [];
  const parser = createParser({
    maxBufferSize: LONGEST_EVENT_CHARS,
    onEvent: ({ data }) => events.push({ kind: "data", data }),
    onComment: (text) => events.push({ kind: "comment", text: text.trim() }),
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") throw error;
    },
  });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      parser.feed(done ? decoder.decode() : decoder.decode(value, { stream: true }));
      yield* events;
      events = [];
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
