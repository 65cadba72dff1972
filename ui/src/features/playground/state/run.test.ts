import { expect, test } from "vitest";
import { createBatcher } from "./batch";
import { run } from "./run";
import type { Answer } from "./types";

const HEADERS = { "content-type": "text/event-stream", "x-request-id": "req_1" };
const REQUEST = { model: "m", messages: [] };

interface Told {
  answer: Partial<Answer>;
  changes: number;
}

/** Runs against `respond`; frames are drawn when `frame` is called, and once at the end. */
async function asked(
  respond: (signal: AbortSignal) => Promise<Response> | Response,
  signal = new AbortController().signal,
): Promise<Told> {
  const told: Told = { answer: {}, changes: 0 };
  let clock = 0;
  await run(REQUEST, {
    post: async (_, given) => respond(given),
    tell: (change) => {
      told.changes += 1;
      told.answer = { ...told.answer, ...change };
    },
    batcher: createBatcher(() => undefined),
    signal,
    now: () => (clock += 10),
  });
  return told;
}

function event(value: unknown): string {
  return `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
}

function delta(given: object, index = 0, finish_reason: string | null = null) {
  return event({ choices: [{ index, delta: given, finish_reason }] });
}

function stream(...events: string[]): Response {
  return new Response(events.join(""), { headers: HEADERS });
}

test("a stream becomes an answer, told in one go where no frame is drawn", async () => {
  const { answer, changes } = await asked(() =>
    stream(delta({ content: "Hel" }), delta({ content: "lo" }), delta({}, 0, "stop"), event("[DONE]")),
  );
  expect(answer).toMatchObject({ status: "done", requestId: "req_1", pieces: 2, note: null });
  expect(answer.choices).toEqual([{ content: "Hello", reasoning: "", toolCalls: [], finishReason: "stop" }]);
  expect(answer.ttftMs).toBe(10);
  expect(changes).toBe(2);
});

test("thoughts count once under either name, trials stand apart, calls are put together", async () => {
  const { answer } = await asked(() =>
    stream(
      delta({ reasoning: "hm", reasoning_content: "hm" }),
      delta({ reasoning_content: "m" }),
      delta({ content: "second" }, 1),
      delta({ tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: '{"a"' } }] }, 2),
      delta({ tool_calls: [{ index: 0, function: { arguments: ": 1}" } }] }, 2, "tool_calls"),
      event("[DONE]"),
    ),
  );
  expect(answer.choices?.map((choice) => choice.reasoning)).toEqual(["hmm", "", ""]);
  expect(answer.choices?.[1]?.content).toBe("second");
  expect(answer.choices?.[2]?.toolCalls).toEqual([{ id: "c", name: "f", arguments: '{"a": 1}' }]);
});

test("what the server says while one waits is shown, and gone with the first word", async () => {
  const notes: unknown[] = [];
  await run(REQUEST, {
    post: async () =>
      stream(": weft/x is being loaded, eta_s=14\n\n", delta({ content: "a" }), event("[DONE]")),
    tell: ({ note }) => note !== undefined && notes.push(note),
    batcher: createBatcher(() => undefined),
    signal: new AbortController().signal,
    now: () => 0,
  });
  expect(notes).toEqual(["The model is being loaded: about 14 seconds to go.", null]);
});

test("a refusal keeps the server's words, its remedy and how long to wait", async () => {
  const error = { message: "too many", code: "rate_limit", param: null, metadata: { remedy: "wait" } };
  const { answer } = await asked(
    () =>
      new Response(JSON.stringify({ error }), {
        status: 429,
        headers: { "x-request-id": "r", "retry-after": "7" },
      }),
  );
  expect(answer).toMatchObject({ status: "failed", requestId: "r" });
  expect(answer.failure).toEqual({
    status: 429,
    code: "rate_limit",
    message: "too many",
    remedy: "wait",
    param: null,
    retryAfterS: 7,
  });
});

test("an error in a stream keeps what came before it", async () => {
  const error = { message: "the engine stopped", code: "engine_failed", metadata: { remedy: "retry" } };
  const { answer } = await asked(() => stream(delta({ content: "half" }), event({ error })));
  expect(answer.status).toBe("failed");
  expect(answer.choices?.[0]?.content).toBe("half");
  expect(answer.failure?.remedy).toBe("retry");
});

test("a stream that ends without its end was cut off on the way", async () => {
  const { answer } = await asked(() => stream(delta({ content: "half" })));
  expect(answer.failure?.code).toBe("connection_lost");
});

test("nobody there", async () => {
  const { answer } = await asked(() => Promise.reject(new TypeError("Failed to fetch")));
  expect(answer).toMatchObject({ status: "failed", failure: { status: 0, code: "connection_lost" } });
});

test("stopping keeps what came", async () => {
  const stopper = new AbortController();
  const { answer } = await asked((signal) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(delta({ content: "half" })));
        signal.addEventListener("abort", () => controller.error(signal.reason));
        setTimeout(() => stopper.abort(), 5);
      },
    });
    return new Response(body, { headers: HEADERS });
  }, stopper.signal);
  expect(answer).toMatchObject({ status: "stopped", pieces: 1 });
  expect(answer.choices?.[0]?.content).toBe("half");
});

test("an answer in one piece", async () => {
  const message = { role: "assistant", content: "whole" };
  const { answer } = await asked(() =>
    Response.json(
      { choices: [{ index: 0, message, finish_reason: "length" }] },
      { headers: { "x-request-id": "r" } },
    ),
  );
  expect(answer).toMatchObject({ status: "done", choices: [{ content: "whole", finishReason: "length" }] });
});

test("many streams take turns: each is told before any is told twice", () => {
  const due: ((most: number) => void)[] = [];
  const batcher = createBatcher((callback) => due.push(callback));
  const told: number[] = [];
  const owners = [0, 1, 2, 3, 4].map((number) => ({ number }));
  const ask = () => {
    for (const owner of owners) batcher.request(owner, () => told.push(owner.number));
  };
  ask();
  for (let frame = 0; frame < 5; frame += 1) {
    due.shift()?.(2);
    ask();
  }
  expect(told.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
  expect(told).toHaveLength(10);
  expect(due).toHaveLength(1);
  due.shift()?.(Number.POSITIVE_INFINITY);
  expect(due).toEqual([]);
});

test("streams share frames: each is told once a frame, however much came", () => {
  const due: ((most: number) => void)[] = [];
  const batcher = createBatcher((callback) => due.push(callback));
  const told: string[] = [];
  const [a, b] = [{}, {}];
  for (let piece = 0; piece < 100; piece += 1) {
    batcher.request(a, () => told.push(`a${piece}`));
    batcher.request(b, () => told.push(`b${piece}`));
  }
  batcher.cancel(b);
  expect(due).toHaveLength(1);
  due[0]?.(2);
  expect(told).toEqual(["a99"]);
});
