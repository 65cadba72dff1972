/**
 * Asks for one answer and follows it to its end. Knows the wire and the clock, and nothing of React: what happens is
 * told to `tell`, at most once per drawn frame while text comes.
 */

import { readEvents } from "~/api/stream";
import type { Batcher } from "./batch";
import { Draft } from "./draft";
import { failureOf, fromError, noteOf, unreachable } from "./failure";
import type { Answer, Failure } from "./types";
import type { ChatRequest, WireChunk } from "./wire";

export interface Ask {
  /** Sends the request; refused requests come back as responses, too. */
  post(request: ChatRequest, signal: AbortSignal): Promise<Response>;
  /** Takes what changed of the answer. */
  tell(change: Partial<Answer>): void;
  batcher: Batcher;
  signal: AbortSignal;
  /** Milliseconds, of a clock that only goes forward. */
  now(): number;
}

/** Run one request. Never throws: a failure is part of the answer. */
export async function run(request: ChatRequest, ask: Ask): Promise<void> {
  const following = new Following(ask);
  try {
    const response = await ask.post(request, ask.signal);
    following.greet(response);
    if (!response.ok) {
      following.fail(failureOf(response.status, await response.text(), response.headers));
    } else if (isStream(response)) {
      await following.read(response);
    } else {
      following.take((await response.json()) as WireChunk);
      following.end();
    }
  } catch {
    if (ask.signal.aborted) following.stop();
    else following.fail(unreachable(following.hasBegun));
  }
}

function isStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

class Following {
  readonly #ask: Ask;
  readonly #draft = new Draft();
  readonly #askedAt: number;
  #firstAt: number | null = null;
  #lastAt = 0;

  constructor(ask: Ask) {
    this.#ask = ask;
    this.#askedAt = ask.now();
  }

  get hasBegun(): boolean {
    return this.#firstAt !== null;
  }

  greet(response: Response): void {
    const requestId = response.headers.get("x-request-id");
    if (requestId !== null) this.#ask.tell({ requestId });
  }

  async read(response: Response): Promise<void> {
    if (response.body === null) throw new Error("a stream without a body");
    for await (const event of readEvents(response.body)) {
      if (event.kind === "comment") {
        const note = this.hasBegun ? null : noteOf(event.text);
        if (note !== null) this.#ask.tell({ note });
        continue;
      }
      if (event.data === "[DONE]") {
        this.end();
        return;
      }
      const chunk = JSON.parse(event.data) as WireChunk;
      if (chunk.error !== undefined) {
        this.fail(fromError(chunk.error, 200));
        return;
      }
      this.take(chunk);
    }
    this.fail(unreachable(this.hasBegun));
  }

  take(chunk: WireChunk): void {
    const before = this.#draft.pieces;
    this.#draft.take(chunk);
    if (this.#draft.pieces > before) {
      this.#lastAt = this.#ask.now();
      this.#firstAt ??= this.#lastAt;
    }
    this.#ask.batcher.request(this, () => this.#ask.tell(this.#progress("streaming")));
  }

  end(): void {
    this.#close({ ...this.#progress("done") });
  }

  /** What came stays. */
  stop(): void {
    this.#close(this.#progress("stopped"));
  }

  fail(failure: Failure): void {
    this.#close({ ...this.#progress("failed"), failure });
  }

  #close(change: Partial<Answer>): void {
    this.#ask.batcher.cancel(this);
    this.#ask.tell({ ...change, note: null });
  }

  #progress(status: Answer["status"]): Partial<Answer> {
    const first = this.#firstAt;
    if (first === null) return status === "streaming" ? {} : { status, choices: this.#draft.choices };
    return {
      status,
      note: null,
      choices: this.#draft.choices,
      pieces: this.#draft.pieces,
      ttftMs: first - this.#askedAt,
      writingMs: this.#lastAt - first,
    };
  }
}
