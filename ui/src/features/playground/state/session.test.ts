import { expect, test } from "vitest";
import { createBatcher } from "./batch";
import { newChat, newMessage, ofChats } from "./make";
import { type Outside, Session } from "./session";
import { createStore } from "./store";
import type { Chat } from "./types";
import type { ChatRequest } from "./wire";

const USAGE = {
  inputTokens: 3,
  cachedInputTokens: 0,
  outputTokens: 2,
  reasoningTokens: 0,
  costNusd: "7000",
  ttftMs: 5,
  totalMs: 15,
  queueMs: 0,
};

function said(text: string): Response {
  const chunk = { choices: [{ index: 0, delta: { content: text }, finish_reason: "stop" }] };
  const headers = { "content-type": "text/event-stream", "x-request-id": `req-${text}` };
  return new Response(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`, { headers });
}

function playground(chats: Chat[], changed: Partial<Outside> = {}) {
  const store = createStore(ofChats(chats));
  const sent: ChatRequest[] = [];
  const ended: string[] = [];
  let asked = 0;
  const session = new Session(store, {
    post: async (request) => {
      sent.push(request);
      return said(request.model);
    },
    // The record of a stopped request comes late.
    usage: async () => (asked++ % 3 === 2 ? USAGE : null),
    facts: () => ({ limitTokens: 100, streams: true }),
    ended: (chatId) => ended.push(chatId),
    today: () => 0,
    now: () => 0,
    pause: async () => undefined,
    batcher: createBatcher(() => undefined),
    ...changed,
  });
  return { store, session, sent, ended };
}

const user = () => newMessage("user", "hi");

test("an answer is added, counted and told", async () => {
  const chat = newChat("a", { messages: [user()] });
  const { store, session, sent, ended } = playground([chat]);
  await session.send(chat.id);
  const answer = store.find(chat.id)?.messages.at(-1)?.answer;
  expect(answer).toMatchObject({ status: "done", requestId: "req-a", usage: USAGE });
  expect(sent).toHaveLength(1);
  expect(ended).toEqual([chat.id]);
});

test("a chat without a model, or one that answers already, sends nothing", async () => {
  const chats = [newChat("", { messages: [user()] }), newChat("b", { messages: [user()] })];
  const { session, sent } = playground(chats);
  session.sendAll();
  await session.send(chats[1]?.id ?? "");
  expect(sent.map((request) => request.model)).toEqual(["b"]);
});

test("stopping one leaves the others alone", async () => {
  const chats = [newChat("a", { messages: [user()] }), newChat("b", { messages: [user()] })];
  const { store, session } = playground(chats, {
    usage: async () => null,
    post: (request, _, signal) =>
      request.model === "b"
        ? Promise.resolve(said("b"))
        : new Promise((_yes, no) => signal.addEventListener("abort", () => no(signal.reason))),
  });
  const [a, b] = chats.map((chat) => session.send(chat.id));
  await b;
  session.stop(chats[0]?.id ?? "");
  await a;
  expect(store.get().chats.map((chat) => chat.messages.at(-1)?.answer?.status)).toEqual(["stopped", "done"]);
});

test("the model goes on once every call has its result", async () => {
  const call = (id: string) => ({ index: 0, id, function: { name: "f", arguments: "{}" } });
  const chunk = {
    choices: [
      {
        index: 0,
        delta: { tool_calls: [call("1"), { ...call("2"), index: 1 }] },
        finish_reason: "tool_calls",
      },
    ],
  };
  const chat = newChat("a", { messages: [user()] });
  const sent: ChatRequest[] = [];
  const { session, store } = playground([chat], {
    usage: async () => USAGE,
    post: async (request) => {
      sent.push(request);
      if (sent.length > 1) return said("done");
      return new Response(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`, {
        headers: { "content-type": "text/event-stream" },
      });
    },
  });
  await session.send(chat.id);
  session.answerTool(chat.id, "1", "one");
  expect(sent).toHaveLength(1);
  session.answerTool(chat.id, "2", "two");
  expect(sent[1]?.messages.slice(-2)).toEqual([
    { role: "tool", tool_call_id: "1", content: "one" },
    { role: "tool", tool_call_id: "2", content: "two" },
  ]);
  expect(store.find(chat.id)?.messages.at(-1)?.answer?.status).toBe("waiting");
});
