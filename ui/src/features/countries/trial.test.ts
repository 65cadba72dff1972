import { describe, expect, it } from "vitest";
import { EXAMPLES, readHeaders, shown, wanted } from "./trial";

describe("trying the rules", () => {
  it("reads headers line by line", () => {
    expect(readHeaders("X-Forwarded-For: 9.9.9.9, 8.8.8.8\n\ncf-ipcountry:DE ")).toEqual([
      { name: "X-Forwarded-For", value: "9.9.9.9, 8.8.8.8" },
      { name: "cf-ipcountry", value: "DE" },
    ]);
    expect(readHeaders("no header")).toBeNull();
  });
  it("asks for an address, or for a request", () => {
    expect(wanted({ address: " 8.8.8.8 ", peer: "x", headers: "" })).toEqual({
      address: "8.8.8.8",
      peer: "",
      headers: [],
    });
    expect(wanted({ address: "", peer: "", headers: "" })).toHaveProperty("error");
    expect(wanted({ address: "", peer: "10.0.0.5", headers: "x" })).toHaveProperty("error");
    for (const example of EXAMPLES) expect(wanted(example.form)).not.toHaveProperty("error");
  });
  it("says values in words", () => {
    expect(shown(["DE", "FR"])).toBe("DE, FR");
    expect(shown([])).toBe("—");
    expect(shown(true)).toBe("yes");
  });
});
