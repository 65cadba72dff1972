import { expect, test } from "vitest";
import { entries, matching } from "./palette";

const ALL = entries(undefined, { team: "loom", project: "cloth" }, [
  { id: "openai/gpt-oss-20b", label: "GPT OSS 20B" },
  { id: "Qwen/Qwen3-14B", label: "Qwen3 14B" },
]);

test("letters in their order find a model", () => {
  expect(matching(ALL, "gpt20")[0]?.path).toBe("/catalog/openai/gpt-oss-20b");
});

test("a whole word comes before scattered letters", () => {
  expect(matching(ALL, "billing")[0]).toMatchObject({ label: "Billing", path: "/billing/loom" });
});

test("nothing that is not there", () => {
  expect(matching(ALL, "zzzz")).toEqual([]);
});
