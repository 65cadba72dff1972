import { expect, test } from "vitest";
import { EMPTY_FORM, type MonitorForm, problemsOf, wantedOf } from "./form";
import { newRule, ruleForm, ruleWanted } from "./ruleForm";
import { newScorer, scorerForm, scorerWanted, signalScorer } from "./scorerForm";
import { SIGNALS } from "./signals";

const MAX = 100_000_000_000n;
const [HALLUCINATION] = SIGNALS;

function form(more: Partial<MonitorForm>): MonitorForm {
  return { ...EMPTY_FORM, name: "one", scorers: [newScorer("a", "ValidJSONScorer")], ...more };
}

test("a form that is whole has no problems, and asks for no money without a judge", () => {
  expect(problemsOf(form({}), MAX)).toEqual({});
  const wanted = wantedOf(form({ sampling: "12.5", budget: "3" }));
  expect(wanted).toMatchObject({ sampling_rate: 0.125, budget_nusd: "0", query: null, active: true });
});

test("each mistake is told at its field", () => {
  const wrong = problemsOf(
    form({ name: "new", query: "[1]", sampling: "101", scorers: [], budget: "101" }),
    MAX,
  );
  expect(Object.keys(wrong).sort()).toEqual(["budget", "name", "query", "sampling", "scorers"]);
  const twice = [newScorer("a", "ValidJSONScorer"), newScorer("b", "ValidJSONScorer")];
  expect(problemsOf(form({ scorers: twice }), MAX).scorers).toMatch("a name of its own");
  expect(problemsOf(form({ scorers: [newScorer("a", "RegexScorer")] }), MAX).scorers).toMatch("pattern");
  expect(problemsOf(form({ rules: [newRule("r", "")] }), MAX).rules).toMatch("names a figure");
});

test("a judge is sent as the client's own class, and read back as it was", () => {
  if (!HALLUCINATION) throw new Error("no signals");
  const judge = signalScorer("k", HALLUCINATION, "test/judge");
  const wanted = scorerWanted(judge);
  expect(wanted).toMatchObject({ kind: "LLMAsAJudgeScorer", name: "Hallucination" });
  const told = { ...wanted, ref: "weave:///a/b/object/Hallucination:1", problem: "" };
  const again = scorerForm({ ...told, model: "test/judge", settings: wanted.settings ?? {} });
  expect(again).toMatchObject({ kind: "judge", model: "test/judge", prompt: judge.prompt, maxTokens: "300" });
  expect(wantedOf(form({ scorers: [judge], budget: "0.5" })).budget_nusd).toBe("500000000");
});

test("a rule comes back as it was written", () => {
  const written = { ...newRule("r1", "Judge.flagged"), id: "r1", threshold: "12.5", side: "below" as const };
  const wanted = ruleWanted(written);
  expect(wanted).toMatchObject({ scorer: "Judge", field: "flagged", threshold: 0.125, is_above: false });
  expect(ruleForm({ ...wanted, told_at: null })).toEqual({ ...written, key: "r1" });
});
