/**
 * A chat as a program: the same request, from Python, curl or JavaScript. The request is the very object that the
 * Playground sends, so that there is nothing to keep in step.
 */

import type { ChatRequest } from "../state/wire";
import { toPython } from "./python";

export interface Where {
  /** `https://weft.example/v1` */
  readonly baseUrl: string;
  /** `team/project`: who pays, and where the trace goes. */
  readonly project: string;
}

export type Language = "python" | "curl" | "javascript";

export const LANGUAGES: readonly { value: Language; label: string }[] = [
  { value: "python", label: "Python" },
  { value: "curl", label: "curl" },
  { value: "javascript", label: "JavaScript" },
];

export function snippet(language: Language, request: ChatRequest, where: Where): string {
  const whole = wellFormed(request);
  switch (language) {
    case "python":
      return python(whole, where);
    case "curl":
      return curl(whole, where);
    case "javascript":
      return javascript(whole, where);
  }
}

function python(request: ChatRequest, { baseUrl, project }: Where): string {
  const given = Object.entries(request).map(([name, value]) => `    ${name}=${toPython(value, 1)},`);
  const head = [
    "import os",
    "",
    "from openai import OpenAI",
    "",
    "client = OpenAI(",
    `    base_url=${toPython(baseUrl, 1)},`,
    '    api_key=os.environ["WEFT_API_KEY"],',
    `    project=${toPython(project, 1)},`,
    ")",
    "",
    `${request.stream ? "stream" : "answer"} = client.chat.completions.create(`,
    ...given,
    ")",
  ];
  const streamed = [
    "for chunk in stream:",
    "    for choice in chunk.choices:",
    "        for call in choice.delta.tool_calls or []:",
    '            print(call.function.name or "", call.function.arguments or "", end="", flush=True)',
    '        print(choice.delta.content or "", end="", flush=True)',
    "print()",
  ];
  const whole = [
    "for choice in answer.choices:",
    "    print(choice.message.content or choice.message.tool_calls)",
  ];
  return `${[...head, ...(request.stream ? streamed : whole)].join("\n")}\n`;
}

/** The body goes in by standard input: with pictures it would be too long for a command line. */
function curl(request: ChatRequest, { baseUrl, project }: Where): string {
  const flags = request.stream ? "-N " : "";
  return `${[
    `curl ${flags}${shellWord(`${baseUrl}/chat/completions`)} \\`,
    '  -H "Authorization: Bearer $WEFT_API_KEY" \\',
    '  -H "Content-Type: application/json" \\',
    `  -H ${shellWord(`OpenAI-Project: ${project}`)} \\`,
    "  --data-binary @- <<'JSON'",
    JSON.stringify(request, null, 2),
    "JSON",
  ].join("\n")}\n`;
}

function javascript(request: ChatRequest, { baseUrl, project }: Where): string {
  const head = [
    'import OpenAI from "openai";',
    "",
    "const client = new OpenAI({",
    `  baseURL: ${JSON.stringify(baseUrl)},`,
    "  apiKey: process.env.WEFT_API_KEY,",
    `  project: ${JSON.stringify(project)},`,
    "});",
    "",
    `const ${request.stream ? "stream" : "answer"} = await client.chat.completions.create(${JSON.stringify(request, null, 2)});`,
  ];
  const streamed = [
    "for await (const chunk of stream) {",
    "  for (const { delta } of chunk.choices) {",
    "    for (const call of delta.tool_calls ?? []) {",
    '      process.stdout.write((call.function?.name ?? "") + (call.function?.arguments ?? ""));',
    "    }",
    '    process.stdout.write(delta.content ?? "");',
    "  }",
    "}",
    "console.log();",
  ];
  const whole = [
    "for (const { message } of answer.choices) {",
    "  console.log(message.content ?? message.tool_calls);",
    "}",
  ];
  return `${[...head, ...(request.stream ? streamed : whole)].join("\n")}\n`;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Half of a character of two units, which JSON can hold and UTF-8 cannot, becomes what the browser sends for it. */
function wellFormed<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) => (typeof each === "string" ? mend(each) : each)),
  ) as T;
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export function mend(text: string): string {
  return text.replace(LONE_SURROGATE, "\uFFFD");
}

const LONG_DATA = /(data:image\/[a-z]+;base64,)[A-Za-z0-9+/=]{120,}/g;

/** For the eye: pictures cut short. What is copied has all of them. */
export function abridged(code: string): string {
  return code.replace(LONG_DATA, "$1…");
}
