import { describe, expect, it } from "vitest";
import { EMPTY_FORM, formOf, problemsOf, wantedOf, withModel } from "./form";

const FORM = {
  ...EMPTY_FORM,
  name: "router",
  baseUrl: " https://example.com/v1 ",
  apiKey: "sk-1",
  headers: "X-Title: weft: the console\n\nHTTP-Referer: https://example.com",
  models: "vendor/model:free 512\nother",
};

describe("a provider's form", () => {
  it("becomes what is sent", () => {
    expect(problemsOf(FORM, ["another"])).toEqual({});
    expect(wantedOf(FORM)).toEqual({
      base_url: "https://example.com/v1",
      headers: { "X-Title": "weft: the console", "HTTP-Referer": "https://example.com" },
      models: [
        { name: "vendor/model:free", max_tokens: 512 },
        { name: "other", max_tokens: 4096 },
      ],
      api_key: "sk-1",
    });
  });

  it("leaves the key that is there, or takes it away", () => {
    expect(wantedOf({ ...FORM, apiKey: "" }).api_key).toBeNull();
    expect(wantedOf({ ...FORM, dropsKey: true }).api_key).toBe("");
  });

  it("comes back from what the server tells", () => {
    const told = {
      name: "router",
      base_url: "https://example.com/v1",
      headers: { "X-Title": "weft" },
      models: [{ id: "custom::router::m", name: "m", max_tokens: 99 }],
      has_key: true,
      key_set_at: null,
      changed_at: "2026-11-01T00:00:00Z",
      version_index: 0,
    };
    expect(formOf(told)).toMatchObject({ headers: "X-Title: weft", models: "m 99", apiKey: "" });
  });

  it("says what is wrong at the field", () => {
    expect(problemsOf(EMPTY_FORM, [])).toHaveProperty("name");
    expect(problemsOf({ ...FORM, name: "a b" }, [])).toHaveProperty("name");
    expect(problemsOf(FORM, ["router"])).toHaveProperty("name");
    for (const baseUrl of [
      "example.com",
      "ftp://example.com",
      "https://me:pw@example.com",
      "https://e.com/?k=1",
    ])
      expect(problemsOf({ ...FORM, baseUrl }, [])).toHaveProperty("baseUrl");
    expect(problemsOf({ ...FORM, headers: "no colon" }, [])).toHaveProperty("headers");
    for (const models of ["", "two words here", "m 0", "m 1.5"])
      expect(problemsOf({ ...FORM, models }, [])).toHaveProperty("models");
  });

  it("takes a listed model once", () => {
    expect(withModel("a 9", "b")).toBe("a 9\nb");
    expect(withModel("a 9\nb", "a")).toBe("a 9\nb");
  });
});
