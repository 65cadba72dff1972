import { describe, expect, it } from "vitest";
import type { Invitation } from "./queries";
import { openOnes, roleInWords, traceInWords } from "./words";

describe("words", () => {
  it("names roles and levels", () => {
    expect(roleInWords("viewer")).toBe("Viewer");
    expect(traceInWords(null)).toBe("Only where asked");
    expect(traceInWords("full")).toBe("Everything");
  });

  it("leaves out invitations that let nobody in", () => {
    const states = ["open", "used", "withdrawn", "expired"] as const;
    const all = states.map((state) => ({ id: state, state }) as Invitation);
    expect(openOnes(all).map((one) => one.id)).toEqual(["open"]);
  });
});
