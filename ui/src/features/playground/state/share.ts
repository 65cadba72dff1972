/**
 * Chats in a link. They are compressed into the part behind the `#`, which browsers send to no server; whoever opens
 * the link has all of it.
 */

import { said } from "./conversation";
import { isRunning } from "./make";
import { parseChats } from "./parse";
import type { Chat, Message } from "./types";

/** What mail, chat programs and browsers still carry as one link. */
export const MAX_LINK_CHARS = 32_000;
/** What a link may become when it is unpacked: a few bytes can say "a gigabyte of zeros". */
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024;
const PREFIX = "chats=";
const VERSION = 1;

export class TooLargeToShare extends Error {
  constructor(readonly chars: number) {
    super(
      `These chats make a link of ${chars.toLocaleString("en")} characters; ${MAX_LINK_CHARS.toLocaleString("en")} is the most that links carry. ` +
        "Remove images or long messages, or share one chat at a time.",
    );
  }
}

/**
 * The part of a link behind the `#`.
 *
 * @throws TooLargeToShare
 */
export async function toHash(chats: readonly Chat[]): Promise<string> {
  const text = JSON.stringify({ v: VERSION, chats: chats.map(shared) });
  const packed = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text));
  const hash = PREFIX + toBase64Url(packed);
  if (hash.length > MAX_LINK_CHARS) throw new TooLargeToShare(hash.length);
  return hash;
}

/** The chats of a link; null where `hash` holds none, or none that can be read. */
export async function fromHash(hash: string): Promise<Chat[] | null> {
  const bare = hash.replace(/^#/, "");
  if (!bare.startsWith(PREFIX) || bare.length > MAX_LINK_CHARS) return null;
  try {
    const packed = fromBase64Url(bare.slice(PREFIX.length));
    const bytes = await through(new DecompressionStream("deflate-raw"), packed);
    const told: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof told !== "object" || told === null || !("v" in told) || told.v !== VERSION) return null;
    const chats = parseChats("chats" in told ? told.chats : null);
    return chats.length > 0 ? chats : null;
  } catch {
    return null;
  }
}

export function holdsChats(hash: string): boolean {
  return hash.replace(/^#/, "").startsWith(PREFIX);
}

/** What of a chat goes into a link: nobody else can open its requests, and what was not chosen is left out. */
function shared(chat: Chat): unknown {
  const { model, settings, prompt, messages } = chat;
  return {
    model,
    settings,
    prompt: prompt.map(bare),
    messages: messages.filter((m) => !isRunning(m)).map(bare),
  };
}

function bare(message: Message): unknown {
  const { role, content, images, toolCallId, answer } = message;
  const base = {
    role,
    ...(images.length > 0 ? { images } : {}),
    ...(toolCallId === null ? {} : { toolCallId }),
  };
  if (answer === null) return { ...base, content };
  const choice = said(message);
  return { ...base, answer: { status: answer.status, model: answer.model, choices: [choice] } };
}

async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = stream.writable.getWriter();
  // Failures show on the reading side.
  writer.write(bytes).catch(() => undefined);
  writer.close().catch(() => undefined);
  const reader = stream.readable.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MAX_UNPACKED_BYTES) {
      await reader.cancel();
      throw new Error("The link holds more than it may.");
    }
    chunks.push(value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
