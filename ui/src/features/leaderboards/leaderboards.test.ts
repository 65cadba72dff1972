import { describe, expect, it } from "vitest";
import { cellSentence, domainOf, evaluationSpans, rankText, sorted } from "./board";
import { choiceOf, drafts, duplicated, firstColumn, moved, withEvaluation, withScorer } from "./editor";
import { toCsv, toMarkdown } from "./exports";
import type { Board, BoardColumn, BoardModel, Cell, Choice } from "./queries";
import { dynamicOf, readDynamic, searchOf, withColumn } from "./search";

const column: BoardColumn = {
  key: "Eval/exact/mean",
  label: "exact",
  evaluation: "Eval",
  evaluation_ref: "weave:///a/b/object/Eval:1",
  dataset: null,
  scorer: "exact",
  path: "mean",
  should_minimize: false,
  is_share: true,
  rows: 40,
  shared_rows: 40,
  other_version_runs: 0,
  warnings: [],
};
const cell = (value: number | null, rank: number | null, more: Partial<Cell> = {}): Cell => ({
  run_id: "r",
  runs: 1,
  state: "done",
  started_at: "2026-11-28T00:00:00Z",
  value,
  text: null,
  n: 40,
  low: 0.5,
  high: 0.9,
  method: "wilson",
  rank,
  is_tied: false,
  is_best: rank === 1,
  ...more,
});
const model = (label: string, of: Cell | null, cost: string | null = null): BoardModel => ({
  ref: `weave:///a/b/object/${label}:1`,
  name: label,
  version: "v0",
  label,
  detail: null,
  seconds_per_row: 1.5,
  cost_per_row_nusd: cost,
  cells: [of],
});
const board: Board = {
  name: "b",
  version: 0,
  ref: null,
  created_at: null,
  definition: { title: "b", description: null, columns: [], dynamic: null },
  columns: [column],
  models: [
    model("worst", cell(0.1, 3)),
    model("none", null),
    model("tied", cell(0.7, 1, { is_tied: true }), "2000"),
    model("first", cell(0.8, 1, { is_tied: true }), "5000"),
    model("own", cell(0.99, null, { low: null, high: null, n: null, is_best: false })),
  ],
  found: null,
  warnings: [],
};
const names = (by: string, descending = false) => sorted(board, { by, descending }).map((one) => one.label);

describe("a board", () => {
  it("is sorted by rank, what has none behind, what is missing last", () => {
    expect(names("0")).toEqual(["first", "tied", "worst", "own", "none"]);
    expect(names("0", true)).toEqual(["own", "worst", "tied", "first", "none"]);
    expect(names("cost")).toEqual(["tied", "first", "none", "own", "worst"]);
    expect(names("model", true)).toEqual(["worst", "tied", "own", "none", "first"]);
  });

  it("says ties and doubts in words", () => {
    expect(rankText(cell(1, 1, { is_tied: true }))).toBe("1=");
    expect(rankText(cell(1, null))).toBe("–");
    expect(cellSentence(column, cell(0.7, 1, { is_tied: true }))).toBe(
      "70.0 %, 95 % interval 50.0 % to 90.0 %, 40 rows. Rank 1, tied: no significant difference.",
    );
    expect(cellSentence(column, cell(0.7, null))).toContain("Not ranked");
    expect(cellSentence(column, cell(null, null, { state: "running" }))).toBe("Still running.");
  });

  it("draws shares from 0 to 1, and heads neighbours of an evaluation once", () => {
    expect(domainOf(board, 0)).toEqual([0, 1]);
    const other = { ...column, evaluation_ref: "weave:///a/b/object/Other:1" };
    expect(evaluationSpans([column, column, other]).map((one) => one.span)).toEqual([2, 1]);
  });
});

describe("exports", () => {
  it("are in the board's order, and safe in spreadsheets", () => {
    const odd = { ...board, models: [model('=1+1,"x"', cell(0.5, 1))] };
    expect(toCsv(odd, { by: "0", descending: false }).split("\r\n")[1]).toBe(
      `"'=1+1,""x""",v0,"weave:///a/b/object/=1+1,""x"":1",,0.5,0.5,0.9,40,1,r,,1.5`,
    );
    const lines = toMarkdown(board, { by: "0", descending: false }).split("\n");
    expect(lines[2]).toBe("| first v0 | 80.0 % [50.0 % to 90.0 %] (1=) | $0.000005 | 1.50 |");
    expect(lines[6]).toContain("| no run |");
  });
});

describe("the editor", () => {
  const choice: Choice = {
    name: "Eval",
    dataset: null,
    versions: [{ ref: "weave:///a/b/object/Eval:2", digest: "2", version: "2", runs: 1, last_run_at: "" }],
    metrics: [
      { scorer: "model_latency", path: "mean" },
      { scorer: "exact", path: "true_count" },
      { scorer: "exact", path: "true_fraction" },
    ],
  };

  it("moves, copies and keeps what it can", () => {
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
    const first = firstColumn(choice);
    expect(first).toMatchObject({ scorer_name: "exact", summary_metric_path: "true_fraction" });
    const two = duplicated(drafts([first]), 0);
    expect(two.map((one) => one.key)).toEqual([0, 1]);
    expect(choiceOf([choice], "weave:///a/b/object/Eval:old")).toBe(choice);
    expect(withScorer(first, choice, "model_latency").summary_metric_path).toBe("mean");
    expect(withEvaluation({ ...first, should_minimize: true }, choice).should_minimize).toBe(true);
  });
});

describe("addresses", () => {
  it("hold a whole dynamic board", () => {
    const said = { evaluation: "Eval", scorer: "exact", path: "mean" };
    const columns = withColumn([], said, { label: "Right" });
    const dynamic = { ...dynamicOf({}), hidden_models: ["Crow"], model_labels: { A: "B" }, columns };
    expect(dynamicOf(searchOf(dynamic))).toEqual(dynamic);
    expect(withColumn(columns, said, { label: null })).toEqual([]);
    expect(readDynamic({ evaluations: "a,b", columns: [3], hide_models: [], sort: 1 })).toEqual({
      evaluations: ["a", "b"],
      sort: "1",
    });
  });
});
