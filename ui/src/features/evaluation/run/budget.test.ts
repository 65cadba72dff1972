import { expect, test } from "vitest";
import type { EvalEstimate } from "../draft/types";
import {
  budgetOf,
  budgetWarning,
  dollars,
  proposalText,
  type Standing,
  standingProblem,
  suggestBudget,
} from "./budget";

const ESTIMATE: EvalEstimate = {
  questions: 10,
  input_tokens: 100,
  output_tokens: 100,
  cost_nusd: "1000000000",
  low_nusd: "800000000",
  high_nusd: "1300000001",
  most_nusd: "9000000000",
  keeps_nusd: "40000000",
  seconds: 5,
  models: [],
  judges: [],
  judge_cost_nusd: "0",
  basis: "",
  is_measured: true,
  budget_nusd: null,
  fits: true,
  pilot: null,
  unpriced_models: [],
};

test("a budget above the dear end is proposed, never above the worst case", () => {
  expect(dollars(suggestBudget(ESTIMATE))).toBe("1.7"); // 1.3 and a fifth, and 0.04 kept back
  expect(dollars(suggestBudget({ ...ESTIMATE, most_nusd: "1400000000" }))).toBe("1.4");
  expect(suggestBudget({ ...ESTIMATE, high_nusd: "0", most_nusd: "0", keeps_nusd: "0" })).toBe(0n);
});

test("a proposal says what it is made of", () => {
  expect(proposalText(ESTIMATE)).toContain("a fifth above");
  expect(proposalText({ ...ESTIMATE, keeps_nusd: "5000000000" })).toContain("mostly $5.00");
});

test("typed budgets are exact to the nano-dollar", () => {
  expect(budgetOf({ by: "own", typed: "$0.000000001" }, undefined)).toEqual({ nusd: 1n, problem: null });
  expect(budgetOf({ by: "own", typed: "1,250.5" }, undefined).nusd).toBe(1_250_500_000_000n);
  for (const typed of ["", "many", "-1", "0", "2,5", "1,2345"])
    expect(budgetOf({ by: "own", typed }, undefined).problem).toBeTruthy();
  expect(budgetOf({ by: "none", typed: "" }, undefined)).toEqual({ nusd: null, problem: null });
  expect(budgetOf({ by: "suggested", typed: "" }, ESTIMATE).nusd).toBe(1_700_000_000n);
  expect(dollars(1_000_000_001n)).toBe("1.000000001");
  expect(dollars(3_000_000_000n)).toBe("3");
});

test("a tight budget says so", () => {
  expect(budgetWarning(null, ESTIMATE)).toBeNull();
  expect(budgetWarning(10n, ESTIMATE)).toContain("Not one question");
  expect(budgetWarning(1_000_000_000n, ESTIMATE)).toContain("likely run out");
  expect(budgetWarning(1_100_000_000n, ESTIMATE)).toContain("may run out");
  expect(budgetWarning(1_700_000_000n, ESTIMATE)).toBeNull();
});

test("credit and caps that do not suffice are told with what to do", () => {
  const standing = {
    credit: { left_nusd: "500000000", when_it_ends: "refuse" },
    limits: [] as object[],
  };
  const of = (changed: object) =>
    standingProblem({ ...standing, ...changed } as unknown as Standing, ESTIMATE);
  expect(of({})).toContain("buy credit");
  expect(of({ credit: { left_nusd: "0", when_it_ends: "go_on" } })).toBeNull();
  const credit = { left_nusd: "5000000000", when_it_ends: "refuse" };
  expect(of({ credit })).toBeNull();
  const cap = { kind: "spend", model: null, scope: "team", name: "loom", left: "100" };
  expect(of({ credit, limits: [cap] })).toContain("cap of team loom");
  expect(of({ credit, limits: [{ ...cap, kind: "requests", left: 1 }] })).toBeNull();
});
