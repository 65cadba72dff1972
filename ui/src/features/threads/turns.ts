/** A turn of a thread as what was said in it. Pure. */

import type { Call } from "~/api/weave/calls";
import { type Conversation, conversationOf } from "~/components/chat/chat";

/**
 * The chat of a turn without what earlier turns said: what models are sent repeats all of it. Null where the turn is no
 * chat.
 */
export function saidIn(turn: Call): Conversation | null {
  const chat = conversationOf(turn.inputs, turn.output);
  if (!chat) return null;
  const last = chat.asked.findLastIndex(
    (message) => message.role === "assistant" && message.tools.length === 0,
  );
  return {
    ...chat,
    asked: chat.asked.slice(last + 1).filter((message) => message.role !== "system" || last < 0),
  };
}
