import { expect, it } from "vitest";
import { refusalFacts } from "./refusal";

const WHY = {
  request_id: "req_1",
  started_at: "2026-11-28T09:00:00Z",
  status: 429,
  outcome: "refused" as const,
  error_code: "insufficient_quota",
  cost_nusd: "0",
  answer: "It was refused.",
  message: "You exceeded your current quota",
  metadata: {
    limit: "spend",
    scope: "project",
    scope_name: "atlas/bot",
    period: "day",
    current: "6000",
    max: "1000000000",
    asked: "750500",
    set_by: "root (command line)",
    remedy: "Ask for less.",
  },
  now: {
    current: "6000",
    max: "1000000000",
    resets_at: "2026-11-29T00:00:00Z",
    would_pass: true,
    also_reached: [],
  },
};

it("says limit, whose, how far then and now, and what to do", () => {
  const facts = refusalFacts(WHY);
  expect(Object.fromEntries(facts.rows.map((row) => [row.name, row.value || row.at]))).toEqual({
    Limit: "Spend per day",
    Whose: "project atlas/bot",
    "Used then": "$0.000006",
    "At most": "$1.00",
    "Asked for": "$0.00075",
    "Set by": "root (command line)",
    "Used now": "$0.000006 of $1.00",
    Resets: "2026-11-29T00:00:00Z",
  });
  expect(facts.remedy).toBe("Ask for less.");
  expect(facts.wouldPass).toBe(true);
});

it("says a count as a count, and that a limit is gone", () => {
  const facts = refusalFacts({
    ...WHY,
    metadata: { limit: "concurrency", scope: "user", current: 6000, max: 6000 },
    now: { ...WHY.now, current: 12, max: null, resets_at: null },
  });
  expect(facts.rows.map((row) => row.value)).toEqual(["Requests in flight", "user", "6,000", "6,000", "12"]);
});

it("has nothing to add where no limit stood in the way", () => {
  const facts = refusalFacts({ ...WHY, metadata: {}, now: null, outcome: "failed" as const });
  expect(facts).toEqual({ title: "What went wrong", rows: [], remedy: "", wouldPass: null });
});
