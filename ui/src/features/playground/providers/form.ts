/** A custom provider as somebody types it in: headers and models as lines of text. */

import type { Provider, ProviderWanted } from "./queries";

export interface ProviderForm {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Take away the key that is there. */
  readonly dropsKey: boolean;
  /** One a line: `Name: value`. */
  readonly headers: string;
  /** One a line: the model, and after a blank the most tokens of an answer. */
  readonly models: string;
}

export type FormProblems = { readonly [Field in keyof ProviderForm]?: string };

export const DEFAULT_MAX_TOKENS = 4096;
const MAX_TOKENS = 100_000_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export const EMPTY_FORM: ProviderForm = {
  name: "",
  baseUrl: "",
  apiKey: "",
  dropsKey: false,
  headers: "",
  models: "",
};

export function formOf(provider: Provider): ProviderForm {
  return {
    ...EMPTY_FORM,
    name: provider.name,
    baseUrl: provider.base_url,
    headers: Object.entries(provider.headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
    models: provider.models.map((model) => modelLine(model.name, model.max_tokens)).join("\n"),
  };
}

/** What is wrong with the form, by field; empty where nothing is. `taken` are the names of the others. */
export function problemsOf(form: ProviderForm, taken: readonly string[]): FormProblems {
  const problems: { -readonly [Field in keyof FormProblems]: FormProblems[Field] } = {};
  if (!NAME.test(form.name)) problems.name = "A name has 1 to 64 letters, digits, hyphens and underscores.";
  else if (taken.includes(form.name)) problems.name = "There is a provider of this name already.";
  if (!/^https?:\/\/[^\s@?#]+$/i.test(form.baseUrl.trim()))
    problems.baseUrl = "A base URL looks like https://example.com/v1, without a password, query or fragment.";
  const header = lines(form.headers).find((line) => !/^[^:\s]+:/.test(line));
  if (header !== undefined) problems.headers = `Write each header as Name: value, not ${header.slice(0, 40)}`;
  if (lines(form.models).length === 0)
    problems.models = "Name at least one model, or test the connection to pick some.";
  else {
    const line = lines(form.models).find((each) => parseModel(each) === null);
    if (line !== undefined)
      problems.models = `Write each model as its name, and if you like the most tokens of an answer: ${line.slice(0, 60)}`;
  }
  return problems;
}

/** What is sent; an empty key of a provider that has one leaves that one. */
export function wantedOf(form: ProviderForm): ProviderWanted {
  const headers: Record<string, string> = {};
  for (const line of lines(form.headers)) {
    const at = line.indexOf(":");
    headers[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return {
    base_url: form.baseUrl.trim(),
    headers,
    models: lines(form.models).flatMap((line) => parseModel(line) ?? []),
    api_key: form.dropsKey ? "" : form.apiKey.trim() || null,
  };
}

/** The text of the models with one more, unless it is there. */
export function withModel(models: string, name: string): string {
  const known = lines(models).some((line) => parseModel(line)?.name === name);
  return known ? models : [...lines(models), modelLine(name, DEFAULT_MAX_TOKENS)].join("\n");
}

function modelLine(name: string, maxTokens: number): string {
  return maxTokens === DEFAULT_MAX_TOKENS ? name : `${name} ${maxTokens}`;
}

function parseModel(line: string): { name: string; max_tokens: number } | null {
  const [name, tokens, ...rest] = line.split(/\s+/);
  if (!name || rest.length > 0) return null;
  const max_tokens = tokens === undefined ? DEFAULT_MAX_TOKENS : Number(tokens);
  const fits = Number.isInteger(max_tokens) && max_tokens >= 1 && max_tokens <= MAX_TOKENS;
  return fits ? { name, max_tokens } : null;
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
