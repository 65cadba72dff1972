import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import type { ChatRequest } from "../state/wire";
import { toPython } from "./python";
import { abridged, LANGUAGES, snippet } from "./snippets";

const WHERE = { baseUrl: "https://weft.example/v1", project: "team/it's" };
const NASTY = "quote \" ' \\ newline \n tab \t é 🧵 \u2028 $HOME `id` \nJSON\n $(x)";
const REQUEST: ChatRequest = {
  model: "weft/tiny-chat",
  messages: [
    { role: "system", content: NASTY },
    {
      role: "user",
      content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(400)}` } }],
    },
  ],
  max_tokens: 7,
  temperature: 0.25,
  stop: ["END"],
  tools: [
    {
      type: "function",
      function: { name: "f", parameters: { type: "object", additionalProperties: false } },
    },
  ],
  stream: true,
  stream_options: { include_usage: true },
};

test("the curl command sends the very bytes of the request, through a real shell", () => {
  const code = snippet("curl", REQUEST, WHERE).replace(
    /^curl -N [^\n]*\n(?:[^\n]*\\\n)*? {2}--data-binary @-/m,
    "cat",
  );
  const body = execFileSync("sh", ["-c", code], { encoding: "utf8" });
  expect(JSON.parse(body)).toEqual(REQUEST);
});

test("the Python program parses, and its literals say what the request says", () => {
  const program = "import ast, json, sys\nprint(json.dumps(ast.literal_eval(sys.stdin.read())))";
  const told = execFileSync("python3", ["-c", program], { input: toPython(REQUEST, 0), encoding: "utf8" });
  expect(JSON.parse(told)).toEqual(REQUEST);
  execFileSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], {
    input: snippet("python", REQUEST, WHERE),
  });
});

test("the JavaScript program parses, and holds the request", () => {
  const code = snippet("javascript", REQUEST, WHERE);
  execFileSync(process.execPath, ["--input-type=module", "--check"], { input: code });
  expect(code).toContain(JSON.stringify(REQUEST, null, 2));
});

test("half a character becomes what the browser sends for it", () => {
  const request = { model: "m", messages: [{ role: "user" as const, content: "a\uD83Db" }] };
  for (const { value } of LANGUAGES) expect(snippet(value, request, WHERE)).toContain("a\uFFFDb");
});

test("pictures are cut short for the eye only", () => {
  const shown = abridged(snippet("python", REQUEST, WHERE));
  expect(shown).toContain("data:image/png;base64,…");
  expect(shown.length).toBeLessThan(2000);
});
