import { refOf } from "~/api/weave/refs";

/** Values as the Weave client writes them. Pure. */

export type Fields = Record<string, unknown>;

export function plainFields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** The digest of the file that holds an op's code; null for what is no op. */
export function opFile(value: unknown): string | null {
  const fields = plainFields(value);
  if (plainFields(fields?.weave_type)?.type !== "Op") return null;
  const file = plainFields(fields?.files)?.["obj.py"];
  return typeof file === "string" ? file : null;
}

export interface PromptMessage {
  role: string;
  content: unknown;
}

/** What a prompt says: the one text of a `StringPrompt` as the user's, else its messages. Null where it has neither. */
export function promptMessages(value: unknown): PromptMessage[] | null {
  const fields = plainFields(value);
  if (!fields) return null;
  if (typeof fields.content === "string") return [{ role: "user", content: fields.content }];
  const list = fields.messages ?? fields.data;
  if (!Array.isArray(list)) return null;
  return list.map((each) => {
    const one = plainFields(each);
    return { role: String(one?.role ?? "user"), content: one?.content ?? each };
  });
}

/** `{name}` or `{name:format}` in a text, in the client's own words (`weave/prompt/prompt.py`). */
const VARIABLE = /\{(\w+)(:[^}]+)?\}/g;

/** The variables in texts, each once, in their order. */
export function variablesOf(texts: unknown[]): string[] {
  const all = texts
    .filter((text): text is string => typeof text === "string")
    .flatMap((text) => [...text.matchAll(VARIABLE)].map((match) => match[1] ?? ""));
  return [...new Set(all)];
}

/** A text in pieces, variables apart from the rest. */
export function pieces(text: string): { text: string; isVariable: boolean }[] {
  const found: { text: string; isVariable: boolean }[] = [];
  let at = 0;
  for (const match of text.matchAll(VARIABLE)) {
    if (match.index > at) found.push({ text: text.slice(at, match.index), isVariable: false });
    found.push({ text: match[0], isVariable: true });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ text: text.slice(at), isVariable: false });
  return found;
}

const OWN = new Set(["_type", "_class_name", "_bases"]);

/** An object's fields for reading: its ops apart, and nothing of what the client notes for itself. */
export function split(fields: Fields): { own: [string, unknown][]; ops: [string, string][] } {
  const own: [string, unknown][] = [];
  const ops: [string, string][] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (OWN.has(name) || ((name === "name" || name === "description") && value === null)) continue;
    if (refOf(value)?.kind === "op") ops.push([name, String(value)]);
    else own.push([name, value]);
  }
  return { own, ops };
}

/** A prompt as one text, for its differences: each message below its role. Null for what is no prompt of texts. */
export function promptText(value: unknown): string | null {
  if (!Array.isArray(plainFields(value)?._bases)) return null;
  const messages = promptMessages(value);
  if (!messages || messages.some((one) => typeof one.content !== "string")) return null;
  if (typeof plainFields(value)?.content === "string") return String(plainFields(value)?.content);
  return messages.map((one) => `${one.role}:\n${one.content}`).join("\n\n");
}
