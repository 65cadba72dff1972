import { expect, test } from "vitest";
import type { Feedback } from "~/api/weave/calls";
import type { QueueItem } from "~/api/weave/queues";
import { headOf, linesOf } from "./lines";

const ITEM: QueueItem = {
  id: "item",
  call_id: "call",
  call_op_name: "op",
  call_started_at: "2026-01-01T00:00:00Z",
  display_fields: [],
  annotation_state: "completed",
  position_in_queue: 1,
};
const QUESTIONS = ["fair", "why"];
const answer = (creator: string, name: string, value: unknown, created_at: string): Feedback => ({
  id: created_at,
  weave_ref: "",
  feedback_type: `wandb.annotation.${name}`,
  payload: { value },
  creator,
  created_at,
});
const ONE = {
  item: ITEM,
  call: { id: "call", project_id: "", trace_id: "", op_name: "op", started_at: "", output: "a, b" },
  answers: [
    answer("ada", "fair", true, "t1"),
    answer("bob", "fair", false, "t2"),
    answer("ada", "fair", false, "t3"),
  ],
};
const FACTS = "1,item,call,op,2026-01-01T00:00:00Z,completed,";

test("CSV has a row for each annotator, with the newest answer to each question", () => {
  expect(headOf("csv", QUESTIONS).trim().endsWith("annotator,annotated_at,fair,why")).toBe(true);
  expect(linesOf("csv", ONE, QUESTIONS).split("\r\n")).toEqual([
    `${FACTS},"a, b",ada,t3,false,`,
    `${FACTS},"a, b",bob,t2,false,`,
    "",
  ]);
});

test("an item that nobody answered has a row, and so has one whose call is gone", () => {
  expect(linesOf("csv", { item: ITEM, call: null, answers: [] }, QUESTIONS)).toBe(`${FACTS},,,,,\r\n`);
});

test("JSONL has every annotation of an item in its line", () => {
  expect(headOf("jsonl", QUESTIONS)).toBe("");
  const told = JSON.parse(linesOf("jsonl", ONE, QUESTIONS));
  expect(told.output).toBe("a, b");
  expect(told.annotations).toHaveLength(3);
  expect(told.annotations[1]).toEqual({
    question: "fair",
    value: false,
    annotator: "bob",
    annotated_at: "t2",
  });
});
