/** What one can do in the Playground: sends, stops, retries. Joins the store and the requests; knows no React. */

import type { Batcher } from "./batch";
import { pendingToolCalls, runningMessage, sendProblem } from "./conversation";
import { newAnswer, newMessage } from "./make";
import { type ModelFacts, toRequest } from "./request";
import { run } from "./run";
import type { PlaygroundStore } from "./store";
import type { Chat, Usage } from "./types";
import type { ChatRequest } from "./wire";

export interface Outside {
  post(request: ChatRequest, track: boolean, signal: AbortSignal): Promise<Response>;
  /** The request's usage record; null while there is none. */
  usage(requestId: string): Promise<Usage | null>;
  facts(model: string): ModelFacts;
  /** Told when a chat's answer has come to its end, however it did. */
  ended(chatId: string, messageId: string): void;
  /** Unix time in milliseconds. */
  today(): number;
  /** Milliseconds, of a clock that only goes forward. */
  now(): number;
  pause(ms: number): Promise<void>;
  batcher: Batcher;
}

/** A request that was stopped is settled a moment later: the engine has to notice. */
const USAGE_PAUSES_MS = [0, 300, 1_000, 3_000, 10_000];

export class Session {
  readonly #store: PlaygroundStore;
  readonly #outside: Outside;
  readonly #running = new Map<string, AbortController>();

  constructor(store: PlaygroundStore, outside: Outside) {
    this.#store = store;
    this.#outside = outside;
  }

  /** Ask the chat's model to go on. Does nothing where the chat cannot be sent; `sendProblem` says why. */
  async send(chatId: string): Promise<void> {
    const chat = this.#store.find(chatId);
    if (chat === undefined || sendProblem(chat) !== null) return;
    const outside = this.#outside;
    const request = toRequest(chat, outside.facts(chat.model));
    const answer = newAnswer(chat.model, chat.settings, outside.today());
    const message = newMessage("assistant", "", { answer });
    const stopper = new AbortController();
    this.#running.set(chatId, stopper);
    this.#store.dispatch({ type: "message/add", chatId, part: "messages", message });
    await run(request, {
      post: (body, signal) => outside.post(body, chat.settings.track, signal),
      tell: (change) =>
        this.#store.dispatch({ type: "answer/change", chatId, messageId: message.id, change }),
      batcher: outside.batcher,
      signal: stopper.signal,
      now: outside.now,
    });
    if (this.#running.get(chatId) === stopper) this.#running.delete(chatId);
    outside.ended(chatId, message.id);
    await this.#settle(chatId, message.id);
  }

  /** Ask every chat that can go on. */
  sendAll(): void {
    for (const chat of this.#store.get().chats) void this.send(chat.id);
  }

  /** Stop the chat's answer; what came stays. */
  stop(chatId: string): void {
    this.#running.get(chatId)?.abort();
  }

  /** @returns whether there was anything to stop */
  stopAll(): boolean {
    for (const stopper of this.#running.values()) stopper.abort();
    return this.#running.size > 0;
  }

  /** Answer again from this message on. */
  retry(chatId: string, messageId: string): void {
    this.stop(chatId);
    this.#store.dispatch({ type: "message/keep-for-retry", chatId, messageId });
    void this.send(chatId);
  }

  clear(chatId: string): void {
    this.stop(chatId);
    this.#store.dispatch({ type: "chat/clear", chatId });
  }

  remove(chatId: string): void {
    this.stop(chatId);
    this.#store.dispatch({ type: "chat/remove", chatId });
  }

  /** Put a chat into another's place, which keeps its id. */
  replace(chatId: string, chat: Chat): void {
    this.stop(chatId);
    this.#store.dispatch({ type: "chat/replace", chat: { ...chat, id: chatId } });
  }

  /** Give a tool's result; once all are there, the model goes on. */
  answerTool(chatId: string, toolCallId: string, content: string): void {
    const message = newMessage("tool", content, { toolCallId });
    this.#store.dispatch({ type: "message/add", chatId, part: "messages", message });
    const chat = this.#store.find(chatId);
    if (chat !== undefined && pendingToolCalls(chat).length === 0) void this.send(chatId);
  }

  isRunning(chatId: string): boolean {
    const chat = this.#store.find(chatId);
    return chat !== undefined && runningMessage(chat) !== null;
  }

  async #settle(chatId: string, messageId: string): Promise<void> {
    const message = this.#store.find(chatId)?.messages.find((each) => each.id === messageId);
    const requestId = message?.answer?.requestId;
    if (!requestId) return;
    for (const pauseMs of USAGE_PAUSES_MS) {
      if (pauseMs > 0) await this.#outside.pause(pauseMs);
      const usage = await this.#outside.usage(requestId).catch(() => null);
      if (usage === null) continue;
      this.#store.dispatch({ type: "answer/usage", chatId, messageId, usage });
      return;
    }
  }
}
