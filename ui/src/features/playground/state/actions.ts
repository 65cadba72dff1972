/** Everything that can happen in the Playground. */

import type { Answer, Chat, ChatSettings, Message, Playground, SavedRef, Usage } from "./types";

/** Where a message stands: before the conversation, or in it. */
export type Part = "prompt" | "messages";

export type Action =
  | { type: "playground/replace"; playground: Playground }
  | { type: "chat/add"; chat: Chat; afterId?: string }
  | { type: "chat/replace"; chat: Chat }
  | { type: "chat/remove"; chatId: string }
  | { type: "chat/clear"; chatId: string }
  | { type: "chat/activate"; chatId: string }
  | { type: "chat/model"; chatId: string; model: string }
  | { type: "chat/settings"; chatId: string; settings: Partial<ChatSettings> }
  | { type: "chat/prompt"; chatId: string; prompt: readonly Message[] }
  | { type: "chat/saved"; chatId: string; saved: SavedRef | null }
  | { type: "message/add"; chatId: string; part: Part; message: Message }
  | {
      type: "message/edit";
      chatId: string;
      messageId: string;
      change: Partial<Pick<Message, "content" | "role" | "images">>;
    }
  | { type: "message/delete"; chatId: string; messageId: string }
  | { type: "message/keep-for-retry"; chatId: string; messageId: string }
  | { type: "answer/change"; chatId: string; messageId: string; change: Partial<Answer> }
  | { type: "answer/usage"; chatId: string; messageId: string; usage: Usage }
  | { type: "answer/select"; chatId: string; messageId: string; selected: number };
