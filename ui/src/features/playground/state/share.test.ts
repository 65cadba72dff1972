import { expect, test } from "vitest";
import { newAnswer, newChat, newChoice, newMessage, ofChats } from "./make";
import { parseChats } from "./parse";
import { keep, MAX_KEPT_CHARS, restore } from "./persist";
import { DEFAULTS } from "./settings";
import { fromHash, TooLargeToShare, toHash } from "./share";
import type { Chat } from "./types";

const PICTURE = "data:image/png;base64,iVBORw0KGgo=";

function aChat(): Chat {
  const answer = {
    ...newAnswer("weft/tiny-chat", DEFAULTS, 5),
    status: "done" as const,
    requestId: "req_1",
    choices: [newChoice("no"), newChoice("Ünïcode 🧵", [{ id: "c", name: "f", arguments: "{}" }])],
    selected: 1,
  };
  return newChat("weft/tiny-chat", {
    settings: { ...DEFAULTS, temperature: 0.2, stop: ["a"], trials: 2 },
    prompt: [newMessage("system", "be brief")],
    messages: [
      newMessage("user", "hi", { images: [PICTURE] }),
      newMessage("assistant", "", { answer }),
      newMessage("tool", "17 C", { toolCallId: "c" }),
    ],
  });
}

/** Without ids, which are made anew. */
function bare(chats: readonly Chat[] | null): unknown {
  return JSON.parse(JSON.stringify(chats, (key, value: unknown) => (key === "id" ? undefined : value)));
}

test("a link holds the chat with the answer that was chosen, and nothing of its request", async () => {
  const hash = await toHash([aChat()]);
  expect(hash).toMatch(/^chats=[\w-]+$/);
  const [chat] = (await fromHash(`#${hash}`)) ?? [];
  expect(chat?.settings).toEqual(aChat().settings);
  expect(chat?.prompt[0]?.content).toBe("be brief");
  expect(chat?.messages[0]?.images).toEqual([PICTURE]);
  expect(chat?.messages[1]?.answer?.choices).toEqual([
    newChoice("Ünïcode 🧵", [{ id: "c", name: "f", arguments: "{}" }]),
  ]);
  expect(chat?.messages[1]?.answer?.requestId).toBeNull();
  expect(chat?.messages[2]?.toolCallId).toBe("c");
});

test("too much for a link is said, not cut", async () => {
  const noise = () => crypto.getRandomValues(new Uint32Array(500)).join(" ");
  const messages = Array.from({ length: 20 }, () => newMessage("user", noise()));
  await expect(toHash([newChat("m", { messages })])).rejects.toThrow(TooLargeToShare);
});

test("links that are broken, foreign or bombs hold no chats", async () => {
  const zeros = new Response(
    new Blob([new Uint8Array(20_000_000)]).stream().pipeThrough(new CompressionStream("deflate-raw")),
  );
  const bomb = Buffer.from(await zeros.arrayBuffer()).toString("base64url");
  for (const hash of ["", "#other", "#chats=", "#chats=%%%", "#chats=AAAA", `#chats=${bomb}`]) {
    expect(await fromHash(hash)).toBeNull();
  }
});

test("what comes from outside is bounded, and loads nothing from anywhere", () => {
  const [chat] = parseChats([
    {
      model: 7,
      settings: {
        temperature: 99,
        trials: -3,
        stop: ["", "x", "x", 4],
        functions: [{ name: "bad name" }],
        topP: "1",
      },
      messages: [
        {
          role: "user",
          content: "a",
          images: ["https://evil.example/x.png", "data:image/svg+xml;base64,AAAA", PICTURE],
        },
        { role: "root", content: "b" },
        null,
      ],
    },
  ]);
  expect(chat?.model).toBe("");
  expect(chat?.settings).toEqual({ ...DEFAULTS, temperature: 2, stop: ["x"] });
  expect(chat?.messages.map(({ content, images }) => ({ content, images }))).toEqual([
    { content: "a", images: [PICTURE] },
  ]);
  expect(parseChats("nonsense")).toEqual([]);
});

class Shelf {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem(key: string, value: string) {
    this.kept.set(key, value);
  }
  removeItem(key: string) {
    this.kept.delete(key);
  }
}

test("a reload brings back every chat and the one that was looked at", () => {
  const shelf = new Shelf();
  const state = { ...ofChats([newChat("a"), aChat()]) };
  const looked = { ...state, activeId: state.chats[1]?.id ?? "" };
  expect(keep(shelf, "k", looked)).toBe(true);
  const back = restore(shelf, "k");
  expect(bare(back?.chats ?? null)).toEqual(bare(state.chats));
  expect(back?.chats[1]?.id).toBe(back?.activeId);
});

test("an answer that was being written when the page went is shown as stopped", () => {
  const running = newMessage("assistant", "", {
    answer: { ...newAnswer("m", DEFAULTS, 0), status: "streaming", choices: [newChoice("half")] },
  });
  const shelf = new Shelf();
  keep(shelf, "k", ofChats([newChat("m", { messages: [running] })]));
  expect(restore(shelf, "k")?.chats[0]?.messages[0]?.answer?.status).toBe("stopped");
});

test("what does not fit goes without its pictures, and else not at all", () => {
  const shelf = new Shelf();
  const picture = `data:image/png;base64,${"A".repeat(MAX_KEPT_CHARS)}`;
  const chat = newChat("m", { messages: [newMessage("user", "hi", { images: [picture] })] });
  expect(keep(shelf, "k", ofChats([chat]))).toBe(true);
  expect(restore(shelf, "k")?.chats[0]?.messages[0]).toMatchObject({ content: "hi", images: [] });
  const long = newChat("m", { messages: [newMessage("user", "x".repeat(MAX_KEPT_CHARS))] });
  expect(keep(shelf, "k", ofChats([long]))).toBe(false);
  expect(shelf.kept.size).toBe(0);
});
