import { expect, test } from "vitest";
import { answerIn, questionOf } from "~/api/weave/annotations";
import type { Call } from "~/api/weave/calls";
import type { ItemState, QueueItem } from "~/api/weave/queues";
import { NO_QUESTION, schemaOf } from "./draft";
import { fieldsOf, itemsIn, nextOpen, offsetAfter, valueAt, withState } from "./items";
import { queueSearch } from "./search";

const item = (id: string, annotation_state: ItemState): QueueItem => ({
  id,
  annotation_state,
  call_id: id,
  call_op_name: "f",
  call_started_at: "2026-11-01",
  display_fields: [],
});
const CALL: Call = { id: "1", project_id: "a/b", trace_id: "1", op_name: "f", started_at: "2026-11-01" };

test("after an item comes the next that nobody is done with, from the beginning again at the end", () => {
  const items = [item("a", "unstarted"), item("b", "completed"), item("c", "in_progress")];
  expect(nextOpen(items, 0)?.id).toBe("c");
  expect(nextOpen(items, 2)?.id).toBe("a");
  expect(nextOpen([item("a", "unstarted")], 0)).toBeNull();
});

test("the next page of what is to do begins behind what is still to do", () => {
  const pages = withState([[item("a", "unstarted"), item("b", "unstarted")]], "a", "skipped");
  expect(offsetAfter(pages, "todo")).toBe(1);
  expect(offsetAfter(pages, "all")).toBe(2);
  expect(itemsIn([...pages, [item("b", "unstarted"), item("c", "unstarted")]]).map(({ id }) => id)).toEqual([
    "a",
    "b",
    "c",
  ]);
});

test("what is shown of a call is found by its path", () => {
  const call = { ...CALL, inputs: { question: "why", "a.b": 1 }, output: { said: { text: "so" } } };
  expect(fieldsOf([call, { ...CALL, inputs: {}, output: "plain" }])).toEqual([
    "inputs.question",
    "output.said",
    "output",
  ]);
  expect(valueAt(call, "output.said.text")).toBe("so");
  expect(valueAt(call, "output.none.text")).toBeUndefined();
});

test("a question that is written here is read as the client's", () => {
  const read = (draft: Partial<typeof NO_QUESTION>) => {
    const field_schema = schemaOf({ ...NO_QUESTION, ...draft });
    return field_schema && questionOf({ name: "q", ref: "r", val: { name: "Q", field_schema } }).answer;
  };
  expect(read({})).toMatchObject({ is: "choice", options: [{ value: true }, { value: false }] });
  const choice = read({ kind: "choice", options: "good\n\n bad \ngood" });
  expect(choice).toMatchObject({ is: "choice", options: [{ value: "good" }, { value: "bad" }] });
  expect(choice && answerIn(choice, "1")).toBe("bad");
  expect(choice && answerIn(choice, "")).toBeUndefined();
  expect(read({ kind: "choice", options: "only" })).toBeNull();
  expect(read({ kind: "number", least: "1", most: "5" })).toMatchObject({ is: "number", min: 1, max: 5 });
  expect(read({ kind: "number", least: "5", most: "1" })).toBeNull();
  expect(read({ kind: "number", least: "x" })).toBeNull();
  expect(read({ kind: "text" })).toMatchObject({ is: "text" });
});

test("an address holds which items are shown and which one is looked at", () => {
  expect(queueSearch({ show: "all", item: 7, x: 1 })).toEqual({ show: "all", item: "7" });
  expect(queueSearch({ show: "todo" })).toEqual({});
});
