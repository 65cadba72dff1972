import { describe, expect, it } from "vitest";
import { aModel } from "./sample";
import { chooseModels, readIds, readSearch, toggled } from "./search";

const small = aModel({
  id: "a/small",
  label: "Small",
  input: "10000000",
  output: "90000000",
  contextWindow: 8192,
});
const eyes = aModel({
  id: "b/eyes",
  label: "Eyes",
  provider: "Acme",
  modalities: ["Text", "Vision"],
  modalitiesInput: ["Text", "Vision"],
  input: "9000000000000000000",
  output: "20000000",
  launchDate: "2026-06-01T00:00:00Z",
  tags: ["pictures"],
});
const vectors = aModel({
  id: "c/vectors",
  label: "Vectors",
  modalities: ["Text", "Embedding"],
  modalitiesOutput: ["Embedding"],
  input: "9000000000000000001",
  output: "0",
  launchDate: null,
  state: "not-runnable",
  runnable: false,
});
const loved = aModel({
  id: "d/loved",
  label: "Loved",
  likesHuggingFace: 9,
  launchDate: "2020-01-01T00:00:00Z",
});
const gone = aModel({ id: "e/gone", label: "Gone", lifecycleStage: "retired", likesHuggingFace: 99 });
const ALL = [gone, vectors, small, eyes, loved];
const none = () => undefined;

const ids = (search: Record<string, unknown>) =>
  chooseModels(ALL, readSearch(search), none).map((model) => model.id);

describe("readSearch", () => {
  it("lets through only what it knows, and leaves out what is usual", () => {
    expect(readSearch({ kind: "vision", sort: "newest", state: "ready", q: " x " })).toEqual({
      kind: "vision",
      sort: "newest",
      state: "ready",
      q: " x ",
    });
    expect(readSearch({ kind: "all", sort: "popular", state: "any", q: "  " })).toEqual({});
    expect(readSearch({ kind: "sound", sort: 1, state: null, other: "x" })).toEqual({});
    expect(readSearch({ q: 120 })).toEqual({ q: "120" });
  });
});

describe("chooseModels", () => {
  it("filters by kind", () => {
    expect(ids({ kind: "vision" })).toEqual(["b/eyes"]);
    expect(ids({ kind: "embedding" })).toEqual(["c/vectors"]);
    expect(ids({ kind: "text" })).not.toContain("c/vectors");
  });

  it("finds every word in ids, labels, providers and tags, whatever its case", () => {
    expect(ids({ q: "ACME pict" })).toEqual(["b/eyes"]);
    expect(ids({ q: "acme vectors" })).toEqual([]);
  });

  it("filters by state, where a stage says more than the catalog", () => {
    expect(ids({ state: "not-runnable" })).toEqual(["c/vectors"]);
    expect(ids({ state: "retired" })).toEqual(["e/gone"]);
    const loading = { model: "a/small", stage: "loading" as const, eta_s: 3, pinned: false };
    const found = chooseModels(ALL, { state: "starting" }, (id) => (id === "a/small" ? loading : undefined));
    expect(found.map((model) => model.id)).toEqual(["a/small"]);
  });

  it("sorts by likes, then own engines, then launch; what is retired comes last", () => {
    expect(ids({})).toEqual(["d/loved", "b/eyes", "a/small", "c/vectors", "e/gone"]);
  });

  it("sorts prices exactly, beyond what a number holds", () => {
    expect(ids({ sort: "input-high" }).slice(0, 2)).toEqual(["c/vectors", "b/eyes"]);
    expect(ids({ sort: "input-low" })[0]).toBe("a/small");
    expect(ids({ sort: "output-low" })[0]).toBe("c/vectors");
    expect(ids({ sort: "output-high" })[0]).toBe("d/loved");
  });

  it("sorts by launch and by context", () => {
    expect(ids({ sort: "newest" }).at(0)).toBe("b/eyes");
    expect(ids({ sort: "newest" }).at(-1)).toBe("c/vectors");
    expect(ids({ sort: "context" }).at(-1)).toBe("a/small");
  });
});

describe("ids", () => {
  it("are read from an array or a text, each once, and not without end", () => {
    expect(readIds(["a", "b", "a", 1, ""])).toEqual(["a", "b"]);
    expect(readIds("a,b")).toEqual(["a", "b"]);
    expect(readIds(7)).toEqual([]);
    expect(readIds(["a", "b", "c"], 2)).toEqual(["a", "b"]);
  });

  it("are toggled in the order of clicks", () => {
    expect(toggled(["a"], "b")).toEqual(["a", "b"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  });
});
