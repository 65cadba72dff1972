import { describe, expect, it } from "vitest";
import { customModelId, parseCustomModelId } from "./customModels";

describe("names of models of custom providers", () => {
  it("come back as they were put together", () => {
    const name = { provider: "router", model: "vendor/model:free::beta" };
    expect(parseCustomModelId(customModelId(name))).toEqual(name);
  });

  it("are no names of other models", () => {
    for (const id of ["weft/tiny-chat", "custom::", "custom::router", "custom::router::", "base:adapter"]) {
      expect(parseCustomModelId(id)).toBeNull();
    }
  });
});
