import { expect, test } from "vitest";
import { readEvents, type StreamEvent } from "./stream";

const STREAM =
  ': weft/x is being loaded, eta_s=3\r\n\r\ndata: {"a": "é🧵"}\n\ndata: one\ndata: two\n\ndata: [DONE]\n\n';
const EVENTS: StreamEvent[] = [
  { kind: "comment", text: "weft/x is being loaded, eta_s=3" },
  { kind: "data", data: '{"a": "é🧵"}' },
  { kind: "data", data: "one\ntwo" },
  { kind: "data", data: "[DONE]" },
];

function body(...pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function all(stream: ReadableStream<Uint8Array>): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readEvents(stream)) events.push(event);
  return events;
}

test("the same events wherever the bytes are cut, also inside of a character", async () => {
  const bytes = new TextEncoder().encode(STREAM);
  for (let at = 0; at <= bytes.length; at += 1) {
    expect(await all(body(bytes.slice(0, at), bytes.slice(at)))).toEqual(EVENTS);
  }
  expect(await all(body(...[...bytes].map((byte) => Uint8Array.of(byte))))).toEqual(EVENTS);
});

test("whoever leaves early cancels the body, so that the engine stops", async () => {
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("data: x\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const event of readEvents(endless)) {
    expect(event).toEqual({ kind: "data", data: "x" });
    break;
  }
  expect(cancelled).toBe(true);
});

test("an event without an end is refused, not kept for ever", async () => {
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(4_000_000))),
  });
  await expect(all(endless)).rejects.toThrow();
});
