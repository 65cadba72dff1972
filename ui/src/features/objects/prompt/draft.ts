import { type Fields, type PromptMessage, plainFields, promptMessages } from "../values";

/** A prompt while it is written. Pure. */
export interface Draft {
  kind: "StringPrompt" | "MessagesPrompt";
  name: string;
  description: string;
  /** Of a StringPrompt the one text, its role without meaning. */
  messages: PromptMessage[];
}

export const ROLES = ["system", "user", "assistant"];

export const FRESH: Draft = {
  kind: "MessagesPrompt",
  name: "",
  description: "",
  messages: [
    { role: "system", content: "" },
    { role: "user", content: "" },
  ],
};

/** What a version holds; null for prompts of other classes, which only programs know how to write. */
export function draftOf(name: string, value: unknown): Draft | null {
  const fields = plainFields(value);
  const kind = fields?._class_name;
  const messages = promptMessages(value);
  if (!fields || !messages || (kind !== "StringPrompt" && kind !== "MessagesPrompt")) return null;
  return {
    kind,
    name,
    description: typeof fields.description === "string" ? fields.description : "",
    messages,
  };
}

/** The value as the client writes it (`weave/prompt/prompt.py`); what `before` has beside it stays. */
export function valueOfDraft(draft: Draft, before: unknown = null): Fields {
  const said =
    draft.kind === "StringPrompt"
      ? { content: draft.messages[0]?.content ?? "" }
      : { messages: draft.messages.map(({ role, content }) => ({ role, content })) };
  return {
    _type: draft.kind,
    name: null,
    ...plainFields(before),
    description: draft.description || null,
    ...said,
    _class_name: draft.kind,
    _bases: ["Prompt", "Object", "BaseModel"],
  };
}

/** What is wrong with it; null if nothing is. */
export function draftProblem(draft: Draft, taken: string[]): string | null {
  if (draft.name === "") return "A prompt needs a name.";
  if (!/^[A-Za-z0-9][\w.-]{0,127}$/.test(draft.name))
    return "Use letters, digits, dots, hyphens and underscores, and begin with a letter or a digit.";
  if (taken.includes(draft.name)) return "There is an object of this name: edit that one, or choose another.";
  return draft.messages.some((one) => one.content !== "") ? null : "It says nothing yet.";
}

/** The text and the messages hold the same as far as they can: another kind of prompt. */
export function ofKind(draft: Draft, kind: Draft["kind"]): Draft {
  if (kind === draft.kind) return draft;
  if (kind === "MessagesPrompt") return { ...draft, kind };
  const texts = draft.messages
    .map((one) => one.content)
    .filter((one) => typeof one === "string" && one !== "");
  return { ...draft, kind, messages: [{ role: "user", content: texts.join("\n\n") }] };
}

/** An item one place up or down. */
export function moved<Item>(list: Item[], index: number, by: number): Item[] {
  const to = index + by;
  const item = list[index];
  if (item === undefined || to < 0 || to >= list.length) return list;
  return list.toSpliced(index, 1).toSpliced(to, 0, item);
}
