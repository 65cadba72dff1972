import { expect, test } from "vitest";
import { type CatalogModel, cannot, conflicts, stateOf } from "./capabilities";
import { imageProblem, isImageUrl } from "./images";
import { newAnswer, newChat, newChoice, newMessage } from "./make";
import { announcement, ending, tokensPerSecond } from "./meters";
import { DEFAULTS } from "./settings";

const MODEL: CatalogModel = {
  id: "m",
  label: "Em",
  provider: "P",
  contextWindow: 2048,
  apiStyle: "chat",
  state: "ready",
  runnable: true,
  standIn: false,
  needs: [],
  lifecycleStage: "general-availability",
  idPlayground: "m",
  featureToolCalling: true,
  featureJsonMode: false,
  featureStructuredOutput: true,
  modalitiesInput: ["Text"],
  badges: [],
};

test("what a model cannot do has a reason", () => {
  expect(cannot(MODEL, "tools")).toBeNull();
  expect(cannot(MODEL, "vision")).toBe("Em reads text only, no images.");
  const badges = [{ feature: "tools", state: "broken", detail: "is not called" }];
  expect(cannot({ ...MODEL, badges }, "tools")).toMatch(/broken \(is not called\)/);
  expect(cannot(null, "vision")).toBeNull();
});

test("what a chat asks for and its model cannot do is told", () => {
  const image = newMessage("user", "", { images: ["data:image/png;base64,AAAA"] });
  const chat = newChat("m", {
    settings: { ...DEFAULTS, responseFormat: { type: "json_object" } },
    messages: [image],
  });
  expect(conflicts(chat, MODEL)).toEqual(["Em has no JSON mode.", "Em reads text only, no images."]);
  expect(conflicts(newChat("m"), MODEL)).toEqual([]);
});

test("states of models", () => {
  expect(stateOf(MODEL)).toMatchObject({ word: "", isUsable: true });
  expect(stateOf({ ...MODEL, state: "not-runnable", needs: ["8 GB of memory"] })).toMatchObject({
    explanation: "This model cannot run here. It needs 8 GB of memory.",
    isUsable: false,
  });
  expect(stateOf({ ...MODEL, apiStyle: "embedding" }).isUsable).toBe(false);
});

test("pictures have a kind and a size", () => {
  const file = { name: "a.png", type: "image/png", size: 1000 };
  expect(imageProblem(file, [])).toBeNull();
  expect(imageProblem({ ...file, type: "image/svg+xml" }, [])).toMatch(/not a PNG/);
  expect(imageProblem({ ...file, size: 11e6 }, [])).toMatch(/larger than 10 MB/);
  expect(
    imageProblem(
      file,
      Array.from({ length: 16 }, () => "data:image/png;base64,AAAA"),
    ),
  ).toMatch(/at most 16/);
  expect(isImageUrl("data:image/png;base64,AAAA")).toBe(true);
  expect(isImageUrl('data:image/png;base64,AAAA" onerror="x')).toBe(false);
});

test("figures and words of an answer", () => {
  const answer = { ...newAnswer("m", DEFAULTS, 0), pieces: 11, writingMs: 500, status: "done" as const };
  const cut = { ...answer, choices: [{ ...newChoice("hello"), finishReason: "length" }] };
  expect(tokensPerSecond(answer)).toBe(20);
  expect(tokensPerSecond({ ...answer, pieces: 1 })).toBeNull();
  expect(ending(cut)).toBe("Cut at maximum tokens");
  expect(announcement(2, cut)).toBe("Chat 2, m answered: hello");
});
