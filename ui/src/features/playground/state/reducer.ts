/**
 * What follows from each action. Pure. A chat that an action does not concern stays the same object, and so do the
 * messages of a chat; an action that changes nothing returns the state that it was given.
 */

import type { Action } from "./actions";
import { keptForRetry, said, withoutMessage } from "./conversation";
import { MAX_CHATS } from "./make";
import type { Answer, Chat, Message, Playground } from "./types";

export function reduce(state: Playground, action: Action): Playground {
  switch (action.type) {
    case "playground/replace":
      return action.playground;
    case "chat/add":
      return add(state, action.chat, action.afterId);
    case "chat/remove":
      return remove(state, action.chatId);
    case "chat/activate":
      return has(state, action.chatId) ? { ...state, activeId: action.chatId } : state;
    case "chat/replace":
      return inChat(state, action.chat.id, () => action.chat);
    default:
      return inChat(state, action.chatId, (chat) => change(chat, action));
  }
}

type InOneChat = Exclude<
  Action,
  { type: "playground/replace" | "chat/add" | "chat/remove" | "chat/activate" | "chat/replace" }
>;

function change(chat: Chat, action: InOneChat): Chat {
  switch (action.type) {
    case "chat/clear":
      return { ...chat, messages: [] };
    case "chat/model":
      return { ...chat, model: action.model, saved: null };
    case "chat/settings":
      return { ...chat, settings: { ...chat.settings, ...action.settings } };
    case "chat/prompt":
      return { ...chat, prompt: action.prompt };
    case "chat/saved":
      return { ...chat, saved: action.saved };
    case "message/add":
      return { ...chat, [action.part]: [...chat[action.part], action.message] };
    case "message/edit":
      return inMessage(chat, action.messageId, (message) => edited(message, action.change));
    case "message/delete":
      return {
        ...chat,
        prompt: withoutMessage(chat.prompt, action.messageId),
        messages: withoutMessage(chat.messages, action.messageId),
      };
    case "message/keep-for-retry":
      return { ...chat, messages: keptForRetry(chat.messages, action.messageId) };
    case "answer/change":
      return inAnswer(chat, action.messageId, (answer) => ({ ...answer, ...action.change }));
    case "answer/usage":
      return inAnswer(chat, action.messageId, (answer) => ({ ...answer, usage: action.usage }));
    case "answer/select":
      return inAnswer(chat, action.messageId, (answer) =>
        action.selected in answer.choices ? { ...answer, selected: action.selected } : answer,
      );
  }
}

function has(state: Playground, chatId: string): boolean {
  return state.chats.some((chat) => chat.id === chatId);
}

function add(state: Playground, chat: Chat, afterId: string | undefined): Playground {
  if (state.chats.length >= MAX_CHATS) return state;
  const after = state.chats.findIndex((each) => each.id === afterId);
  const at = after < 0 ? state.chats.length : after + 1;
  return { chats: state.chats.toSpliced(at, 0, chat), activeId: chat.id };
}

function remove(state: Playground, chatId: string): Playground {
  const at = state.chats.findIndex((chat) => chat.id === chatId);
  if (at < 0 || state.chats.length === 1) return state;
  const chats = state.chats.toSpliced(at, 1);
  const neighbour = chats[Math.min(at, chats.length - 1)]?.id ?? "";
  return { chats, activeId: state.activeId === chatId ? neighbour : state.activeId };
}

function inChat(state: Playground, chatId: string, then: (chat: Chat) => Chat): Playground {
  const at = state.chats.findIndex((chat) => chat.id === chatId);
  const chat = state.chats[at];
  if (chat === undefined) return state;
  const changed = then(chat);
  return changed === chat ? state : { ...state, chats: state.chats.with(at, changed) };
}

function inMessage(chat: Chat, messageId: string, then: (message: Message) => Message): Chat {
  for (const part of ["messages", "prompt"] as const) {
    const at = chat[part].findLastIndex((message) => message.id === messageId);
    const message = chat[part][at];
    if (message === undefined) continue;
    const changed = then(message);
    return changed === message ? chat : { ...chat, [part]: chat[part].with(at, changed) };
  }
  return chat;
}

function inAnswer(chat: Chat, messageId: string, then: (answer: Answer) => Answer): Chat {
  return inMessage(chat, messageId, (message) => {
    if (message.answer === null) return message;
    const answer = then(message.answer);
    return answer === message.answer ? message : { ...message, answer };
  });
}

/** An answer's text is that of its selected choice; with another role it is no answer any more. */
function edited(message: Message, change: Partial<Pick<Message, "content" | "role" | "images">>): Message {
  const { answer } = message;
  if (answer === null) return { ...message, ...change };
  const { content = said(message).content, role = message.role } = change;
  if (role !== "assistant") return { ...message, ...change, content, answer: null };
  const choices = answer.choices.map((choice, index) =>
    index === answer.selected ? { ...choice, content } : choice,
  );
  return { ...message, answer: { ...answer, choices, edited: true } };
}
