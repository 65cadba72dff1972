/** Programs that use a model, complete as they stand: with this server's address and the project at hand. Pure. */

import type { CatalogModel } from "~/api/catalog";
import { isEmbedding } from "./describe";

export interface Where {
  /** `https://weft.example`, without a slash at the end. */
  origin: string;
  /** `team/project`: who pays, and where traces go; empty: the key's default. */
  project: string;
}

export type Language = "python" | "curl" | "javascript" | "litellm" | "weave";

export interface Snippet {
  label: string;
  /** What has to be there first. */
  install: string;
  code: string;
}

const QUESTION = "What is the capital of France?";

export const LANGUAGES: readonly { value: Language; label: string }[] = [
  { value: "python", label: "Python" },
  { value: "curl", label: "curl" },
  { value: "javascript", label: "JavaScript" },
  { value: "litellm", label: "LiteLLM" },
  { value: "weave", label: "Weave" },
];

/** The program for `model` in a language. The key comes from the environment: it never stands in a program. */
export function snippet(language: Language, model: CatalogModel, where: Where): Snippet {
  const vectors = isEmbedding(model);
  const told = { id: model.id, base: `${where.origin}/v1`, ...where, vectors };
  switch (language) {
    case "python":
      return { label: "Python", install: "pip install openai", code: python(told) };
    case "curl":
      return { label: "curl", install: "", code: curl(told) };
    case "javascript":
      return { label: "JavaScript", install: "npm install openai", code: javascript(told) };
    case "litellm":
      return { label: "LiteLLM", install: "pip install litellm", code: litellm(told) };
    case "weave":
      return { label: "Weave", install: "pip install weave openai", code: weave(told) };
  }
}

interface Told extends Where {
  id: string;
  base: string;
  vectors: boolean;
}

const quoted = (text: string) => JSON.stringify(text);

function lines(...all: (string | false)[]): string {
  return `${all.filter((line): line is string => line !== false).join("\n")}\n`;
}

function python({ id, base, project, vectors }: Told): string {
  return lines(
    "import os",
    "",
    "from openai import OpenAI",
    "",
    "client = OpenAI(",
    `    base_url=${quoted(base)},`,
    '    api_key=os.environ["WEFT_API_KEY"],',
    project !== "" && `    project=${quoted(project)},`,
    ")",
    ...pythonCall("client", id, vectors),
  );
}

function pythonCall(client: string, id: string, vectors: boolean): string[] {
  return vectors
    ? [
        `answer = ${client}.embeddings.create(`,
        `    model=${quoted(id)},`,
        `    input=[${quoted(QUESTION)}],`,
        ")",
        "print(len(answer.data[0].embedding))",
      ]
    : [
        `answer = ${client}.chat.completions.create(`,
        `    model=${quoted(id)},`,
        `    messages=[{"role": "user", "content": ${quoted(QUESTION)}}],`,
        ")",
        "print(answer.choices[0].message.content)",
      ];
}

function curl({ id, base, project, vectors }: Told): string {
  const body = vectors
    ? { model: id, input: [QUESTION] }
    : { model: id, messages: [{ role: "user", content: QUESTION }] };
  return lines(
    `curl ${base}/${vectors ? "embeddings" : "chat/completions"} \\`,
    '  -H "Authorization: Bearer $WEFT_API_KEY" \\',
    '  -H "Content-Type: application/json" \\',
    project !== "" && `  -H "OpenAI-Project: ${project}" \\`,
    `  -d '${JSON.stringify(body, null, 2)}'`,
  );
}

function javascript({ id, base, project, vectors }: Told): string {
  return lines(
    'import OpenAI from "openai";',
    "",
    "const client = new OpenAI({",
    `  baseURL: ${quoted(base)},`,
    "  apiKey: process.env.WEFT_API_KEY,",
    project !== "" && `  project: ${quoted(project)},`,
    "});",
    ...(vectors
      ? [
          "const answer = await client.embeddings.create({",
          `  model: ${quoted(id)},`,
          `  input: [${quoted(QUESTION)}],`,
          "});",
          "console.log(answer.data[0].embedding.length);",
        ]
      : [
          "const answer = await client.chat.completions.create({",
          `  model: ${quoted(id)},`,
          `  messages: [{ role: "user", content: ${quoted(QUESTION)} }],`,
          "});",
          "console.log(answer.choices[0].message.content);",
        ]),
  );
}

function litellm({ id, base, project, vectors }: Told): string {
  const verb = vectors ? "embedding" : "completion";
  return lines(
    "import os",
    "",
    `from litellm import ${verb}`,
    "",
    `answer = ${verb}(`,
    `    model=${quoted(`openai/${id}`)},`,
    `    api_base=${quoted(base)},`,
    '    api_key=os.environ["WEFT_API_KEY"],',
    project !== "" && `    extra_headers={"OpenAI-Project": ${quoted(project)}},`,
    vectors
      ? `    input=[${quoted(QUESTION)}],`
      : `    messages=[{"role": "user", "content": ${quoted(QUESTION)}}],`,
    ")",
    vectors ? 'print(len(answer.data[0]["embedding"]))' : "print(answer.choices[0].message.content)",
  );
}

function weave({ id, base, origin, project, vectors }: Told): string {
  return lines(
    "import os",
    "",
    `os.environ["WANDB_BASE_URL"] = ${quoted(origin)}`,
    'os.environ["WANDB_API_KEY"] = os.environ["WEFT_API_KEY"]',
    "",
    "import openai",
    "import weave",
    "",
    `weave.init(${quoted(project || "my-project")})  # every call below is traced there`,
    "",
    "client = openai.OpenAI(",
    `    base_url=${quoted(base)},`,
    '    api_key=os.environ["WEFT_API_KEY"],',
    project !== "" && `    project=${quoted(project)},`,
    ")",
    ...pythonCall("client", id, vectors),
  );
}
