import { describe, expect, it } from "vitest";
import { newChat, newMessage } from "../state/make";
import { DEFAULTS } from "../state/settings";
import { chatOf, savedOf } from "./params";
import type { SavedModel, SavedWanted } from "./queries";

const IMAGE = "data:image/png;base64,AAAA";
const CHAT = newChat("weft/tiny-chat", {
  settings: {
    ...DEFAULTS,
    temperature: 0.5,
    maxTokens: 64,
    stop: ["###"],
    trials: 3,
    functions: [{ name: "look", description: "Looks.", parameters: { type: "object" }, strict: true }],
    responseFormat: { type: "json_schema", name: "word", schema: { type: "object" }, strict: true },
  },
  prompt: [newMessage("system", "Be careful."), newMessage("user", "What is this?", { images: [IMAGE] })],
});

function told(wanted: SavedWanted): SavedModel {
  return {
    ...wanted,
    object_id: "careful",
    digest: "d",
    version_index: 2,
    ref: "weave:///loom/cloth/object/careful:d",
    created_at: "2026-11-01T00:00:00Z",
  };
}

describe("a saved model", () => {
  it("becomes the chat that it was made of", () => {
    const again = chatOf(told(savedOf(" Careful ", CHAT)));
    expect(again.model).toBe(CHAT.model);
    expect(again.settings).toEqual(CHAT.settings);
    expect(again.prompt.map(({ role, content, images }) => [role, content, images])).toEqual([
      ["system", "Be careful.", []],
      ["user", "What is this?", [IMAGE]],
    ]);
    expect(again.saved).toEqual({ objectId: "careful", digest: "d", versionIndex: 2 });
    expect(again.messages).toEqual([]);
  });

  it("leaves out what is a default", () => {
    expect(savedOf("plain", newChat("m"))).toEqual({
      name: "plain",
      llm_model_id: "m",
      default_params: { messages_template: [] },
    });
  });

  it("is read as far as it can be", () => {
    const odd = told({
      name: "odd",
      llm_model_id: "m",
      default_params: {
        messages_template: [
          { role: "developer", content: "Be odd." },
          { role: "alien", content: "?" },
        ],
        response_format: "json_schema",
        response_format_schema: null,
        frequency_penalty: -2,
      },
    });
    const chat = chatOf(odd);
    expect(chat.settings.responseFormat).toEqual({ type: "text" });
    expect(chat.settings.frequencyPenalty).toBe(0);
    expect(chat.prompt.map(({ role, content }) => [role, content])).toEqual([["system", "Be odd."]]);
  });
});
