import { expect, test } from "vitest";
import type { Sheet } from "~/lib/rows/types";
import { type Kept, keep, MAX_KEPT_CHARS, restore } from "./keep";
import { guessRoles, newDataset, newDraft, newModel, newScorer } from "./make";
import { fill, questionOf, unknownPlaces } from "./templates";
import type { Draft, Missing } from "./types";
import { judgePlaces, readinessOf } from "./wire";

const SHEET: Sheet = {
  columns: [
    { name: "question", type: "text" },
    { name: "expected", type: "text" },
    { name: "odd name", type: "json" },
  ],
  rows: [{ question: "1 + 1?", expected: "2", "odd name": [1] }],
};
const PUBLISHED = { id: "sums", digest: "d", ref: "weave:///loom/cloth/object/sums:d" };

function ready(changed: Partial<Draft> = {}): Draft {
  const model = newModel("test/echo", []);
  return {
    ...newDraft(),
    dataset: newDataset("sums", SHEET, { published: PUBLISHED }),
    input: { by: "field", field: "question", template: "" },
    target: "expected",
    models: [model],
    scorers: [newScorer("exact", [])],
    ...changed,
  };
}

const textsOf = (missing: Missing[]) => missing.map((one) => `${one.step}: ${one.text}`).join("\n");

test("an empty draft says what is missing, in each step", () => {
  const { wanted, missing } = readinessOf(newDraft());
  expect(wanted).toBeNull();
  expect(missing.map((one) => one.step)).toEqual(["dataset", "models", "scorers"]);
});

test("a whole draft is what the server is asked", () => {
  const model = { ...newModel("test/echo", []), system: "Be brief.", temperature: "0", maxTokens: "64" };
  const scorers = [
    { ...newScorer("contains", []), ignoreCase: true },
    { ...newScorer("regex", []), pattern: "\\d+" },
    { ...newScorer("numeric", []), absolute: "0.5", relative: "10", target: "question" },
    { ...newScorer("json_schema", []), schema: '{"type": "object"}' },
    { ...newScorer("saved", []), ref: "weave:///loom/cloth/object/mine:x" },
  ];
  const { wanted, missing } = readinessOf(ready({ models: [model], scorers, trials: "3" }));
  expect(missing).toEqual([]);
  expect(wanted).toMatchObject({
    name: "sums evaluation",
    dataset_ref: PUBLISHED.ref,
    input: { field: "question" },
    trials: 3,
    concurrency: 8,
    models: [
      {
        model: "test/echo",
        name: "echo",
        system: "Be brief.",
        params: { messages_template: [], temperature: 0, max_tokens: 64 },
      },
    ],
    scorers: [
      { kind: "contains", target_field: "expected", case_insensitive: true },
      { kind: "regex", pattern: "\\d+" },
      { kind: "numeric", target_field: "question", tolerance: { absolute: 0.5, relative: 0.1 } },
      { kind: "json_schema", json_schema: { type: "object" } },
      { ref: "weave:///loom/cloth/object/mine:x" },
    ],
  });
  expect(wanted?.models[0]?.params).not.toHaveProperty("top_p");
});

test("a judge names its model and the answer, and no column that is not there", () => {
  const judge = newScorer("judge", []);
  const of = (changed: Partial<typeof judge.judge>) =>
    textsOf(readinessOf(ready({ scorers: [{ ...judge, judge: { ...judge.judge, ...changed } }] })).missing);
  expect(of({})).toContain("Choose the model that judges");
  expect(of({ model: "m", template: "{{input}}" })).toContain("Name {{output}}");
  expect(of({ model: "m", template: "{{output}} {{nothing}}" })).toContain("no column: nothing");
  expect(of({ model: "m", template: "{{output}} {{odd name}}" })).toContain("odd name");
  expect(of({ model: "m", maxTokens: "1.5" })).toContain("whole number");
  expect(of({ model: "m" })).toBe("");
  expect(judgePlaces(["input", "a", "b c"], "a")).toEqual(["input", "output", "target", "a"]);
});

test("what makes no sense is said where it stands", () => {
  const [one, two] = [newModel("test/echo", []), newModel("test/echo", [])];
  for (const [changed, told] of [
    [{ models: [one, two] }, "called echo"],
    [{ models: [{ ...one, temperature: "3" }] }, "Temperature is a number from 0 to 2"],
    [{ models: [{ ...one, maxTokens: "1.5" }] }, "Maximum tokens is a whole number"],
    [{ trials: "0" }, "Trials: a whole number from 1 to 100"],
    [{ target: "" }, "scorers: Choose the column with what is expected"],
    [{ target: "gone" }, "dataset: Choose the column with what is expected"],
    [{ input: { by: "field", field: "odd name", template: "" } }, "Rename the column odd name"],
    [{ input: { by: "template", field: "", template: "{{x}}" } }, "no column: x"],
    [{ dataset: newDataset("sums", SHEET) }, "Publish the dataset"],
    [{ scorers: [{ ...newScorer("json_schema", []), schema: "[1" }] }, "no JSON object"],
    [{ scorers: [{ ...newScorer("numeric", []), absolute: "-1" }] }, "from 0 on"],
  ] as [Partial<Draft>, string][]) {
    const { wanted, missing } = readinessOf(ready(changed));
    expect(wanted).toBeNull();
    expect(textsOf(missing)).toContain(told);
  }
});

test("a column user_input is the input, as the client has it", () => {
  const sheet: Sheet = {
    columns: [{ name: "user_input", type: "text" }, ...SHEET.columns],
    rows: SHEET.rows,
  };
  const dataset = newDataset("sums", sheet, { published: PUBLISHED });
  expect(textsOf(readinessOf(ready({ dataset })).missing)).toContain("user_input");
  const input = { by: "field", field: "user_input", template: "" } as const;
  expect(readinessOf(ready({ dataset, input })).missing).toEqual([]);
});

test("names are new, and roles are guessed", () => {
  const one = newModel("a/echo", []);
  expect(newModel("b/echo", [one]).name).toBe("echo-2");
  expect(newScorer("exact", [newScorer("exact", [])]).name).toBe("exact-2");
  expect(guessRoles(SHEET.columns)).toEqual({ field: "question", target: "expected" });
  expect(guessRoles([{ name: "Answer", type: "text" }])).toEqual({ field: "Answer", target: "Answer" });
});

test("templates are filled by the columns of a row", () => {
  expect(fill("{{ a }} {{b}} {{c}} {d}", { a: "x", b: { n: 1 } })).toBe('x {"n":1} {{c}} {d}');
  expect(unknownPlaces("{{a}} {{b}} {{b}}", ["a"])).toEqual(["b"]);
  expect(questionOf({ by: "field", field: "n", template: "" }, { n: 5 })).toBe("5");
});

function memory(): Kept & { all: Map<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    getItem: (key) => all.get(key) ?? null,
    setItem: (key, value) => void all.set(key, value),
    removeItem: (key) => void all.delete(key),
  };
}

test("a draft is kept; published rows are read again, and rows that do not fit are said to be lost", () => {
  const store = memory();
  const unpublished = ready({ dataset: newDataset("sums", SHEET) });
  expect(keep(store, "k", unpublished)).toBe(true);
  expect(restore(store, "k")).toEqual(unpublished);
  expect(keep(store, "k", ready())).toBe(true);
  expect(restore(store, "k").dataset).toMatchObject({ sheet: null, published: PUBLISHED });
  const long = newDataset("long", {
    columns: SHEET.columns,
    rows: [{ question: "x".repeat(MAX_KEPT_CHARS) }],
  });
  expect(keep(store, "k", ready({ dataset: long }))).toBe(false);
  expect(restore(store, "k")).toMatchObject({ dataset: null, models: [{ model: "test/echo" }] });
});

test("what somebody else kept is no draft", () => {
  const store = memory();
  for (const text of ["", "nonsense", "[1]", "3", '{"models": 5, "scorers": [null, {"kind": "exact"}]}']) {
    store.all.set("k", text);
    const draft = restore(store, "k");
    expect(draft.models).toEqual([]);
    expect(draft.scorers.every((one) => one.judge.answer === "pass_fail")).toBe(true);
    expect(readinessOf(draft).wanted).toBeNull();
  }
});
