import { describe, expect, it } from "vitest";
import { judgeChoices } from "./choices";

const PROVIDER = { name: "router", models: [{ id: "custom::router::big", name: "big", max_tokens: 8 }] };

describe("whom a judge may ask", () => {
  it("has the models of custom providers, under their provider", () => {
    const [hint, big] = judgeChoices([], [PROVIDER], "");
    expect(hint?.disabled).toBe(true);
    expect(big).toEqual({ value: "custom::router::big", label: "big", group: "router, cost unknown" });
  });

  it("keeps the one that is chosen, whoever removed it meanwhile", () => {
    const values = (chosen: string) => judgeChoices([], [PROVIDER], chosen).map(({ value }) => value);
    expect(values("custom::gone::old")).toEqual(["", "custom::router::big", "custom::gone::old"]);
    expect(values("custom::router::big")).toEqual(["", "custom::router::big"]);
  });
});
