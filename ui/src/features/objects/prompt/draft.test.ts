import { expect, test } from "vitest";
import { draftOf, draftProblem, FRESH, moved, ofKind, valueOfDraft } from "./draft";

const STORED = {
  _type: "MessagesPrompt",
  name: null,
  description: "Kind",
  extra: 1,
  messages: [
    { role: "system", content: "You are {role}." },
    { role: "user", content: [{ type: "text", text: "{question}" }] },
  ],
  _class_name: "MessagesPrompt",
  _bases: ["Prompt", "Object", "BaseModel"],
};

test("a prompt comes back as it was, with what else it holds", () => {
  const draft = draftOf("helper", STORED);
  expect(draft).toMatchObject({ kind: "MessagesPrompt", name: "helper", description: "Kind" });
  expect(draft && valueOfDraft(draft, STORED)).toEqual(STORED);
  expect(draftOf("x", { ...STORED, _class_name: "Mine" })).toBeNull();
  const text = ofKind({ ...FRESH, messages: [{ role: "user", content: "a" }] }, "StringPrompt");
  expect(valueOfDraft(text)).toMatchObject({ _class_name: "StringPrompt", content: "a", description: null });
});

test("a prompt without a name or words is not published", () => {
  const said = { ...FRESH, name: "brief", messages: [{ role: "user", content: "x" }] };
  expect(draftProblem(said, [])).toBeNull();
  expect(draftProblem(said, ["brief"])).toContain("There is");
  expect(draftProblem({ ...said, name: "" }, [])).toContain("name");
  expect(draftProblem({ ...said, name: "a b" }, [])).toContain("letters");
  expect(draftProblem({ ...FRESH, name: "x" }, [])).toContain("nothing");
});

test("items move within their list", () => {
  expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
  expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
});
