import { describe, expect, it } from "vitest";
import { aModel } from "./sample";
import { LANGUAGES, snippet } from "./snippets";

const WHERE = { origin: "https://weft.example", project: "loom/cloth" };

describe("snippet", () => {
  it("names the server, the project and the model in every language, and no key", () => {
    for (const { value } of LANGUAGES) {
      const { code } = snippet(value, aModel({ id: "acme/x" }), WHERE);
      expect(code).toContain("https://weft.example");
      expect(code).toContain("loom/cloth");
      expect(code).toContain("acme/x");
      expect(code).toContain("WEFT_API_KEY");
    }
  });

  it("leaves the project out where there is none", () => {
    for (const { value } of LANGUAGES.filter((one) => one.value !== "weave")) {
      expect(snippet(value, aModel(), { ...WHERE, project: "" }).code).not.toMatch(/project|OpenAI-Project/);
    }
  });

  it("asks an embedding model for vectors", () => {
    const vectors = aModel({ apiStyle: "embedding" });
    for (const { value } of LANGUAGES) {
      expect(snippet(value, vectors, WHERE).code).toContain("embedding");
      expect(snippet(value, vectors, WHERE).code).not.toContain("messages");
    }
  });

  it("is this, for Python", () => {
    expect(snippet("python", aModel(), WHERE).code).toBe(`import os

from openai import OpenAI

client = OpenAI(
    base_url="https://weft.example/v1",
    api_key=os.environ["WEFT_API_KEY"],
    project="loom/cloth",
)
answer = client.chat.completions.create(
    model="test/one",
    messages=[{"role": "user", "content": "What is the capital of France?"}],
)
print(answer.choices[0].message.content)
`);
  });
});
