import { expect, test } from "vitest";
import { newMessage } from "../state/make";
import { parsePrompts, promptNameProblem, promptValue } from "./prompts";

test("a prompt comes back as it was saved", () => {
  const prompt = [newMessage("system", "be brief"), newMessage("user", "hi")];
  const val = promptValue("Brief", prompt);
  const [back] = parsePrompts({ objs: [{ object_id: "Brief", version_index: 2, val }] });
  expect(back).toMatchObject({ objectId: "Brief", versionIndex: 2 });
  expect(back?.messages?.map(({ role, content }) => [role, content])).toEqual([
    ["system", "be brief"],
    ["user", "hi"],
  ]);
});

test("a text is what the user says; what is no chat is shown and cannot be loaded", () => {
  const objs = [
    { object_id: "a", version_index: 0, val: { content: "hello" } },
    { object_id: "b", version_index: 0, val: { messages: [{ role: "user", content: [{ type: "text" }] }] } },
    { object_id: 7 },
  ];
  expect(parsePrompts({ objs }).map(({ messages }) => messages?.map((each) => each.content) ?? null)).toEqual(
    [["hello"], null],
  );
  expect(parsePrompts(null)).toEqual([]);
});

test("names", () => {
  expect(promptNameProblem("My-prompt_1.2")).toBeNull();
  for (const bad of ["", "a b", "-a", "x".repeat(200)]) expect(promptNameProblem(bad)).not.toBeNull();
});
