import type { ObjectsAsked, ObjectVersion } from "~/api/weave/objects";

/** The kinds of versioned things that the console lists: a page each, tabs between them. Pure. */

export type Kind = "datasets" | "prompts" | "models" | "scorers" | "objects" | "ops";

export interface KindInfo {
  kind: Kind;
  /** The page's title and its tab. */
  label: string;
  one: string;
  lead: string;
  filter: NonNullable<ObjectsAsked["filter"]>;
  /** Python that makes the first one. */
  snippet: (project: string) => string;
}

const CLASSES = { datasets: "Dataset", prompts: "Prompt", models: "Model", scorers: "Scorer" };
const BASES: Record<string, Kind> = {
  Dataset: "datasets",
  Prompt: "prompts",
  Model: "models",
  Scorer: "scorers",
};

const begin = (project: string) => `import weave\n\nweave.init("${project}")\n`;

export const KINDS: Record<Kind, KindInfo> = {
  datasets: {
    kind: "datasets",
    label: "Datasets",
    one: "dataset",
    lead: "Rows with versions: what evaluations ask about.",
    filter: { base_object_classes: [CLASSES.datasets] },
    snippet: (project) => `${begin(project)}rows = [{"question": "What is 2 + 2?", "expected": "4"}]
weave.publish(weave.Dataset(name="sums", rows=rows))`,
  },
  prompts: {
    kind: "prompts",
    label: "Prompts",
    one: "prompt",
    lead: "Texts and messages with variables. Move an alias such as production, and programs read the new version.",
    filter: { base_object_classes: [CLASSES.prompts] },
    snippet: (project) => `${begin(project)}prompt = weave.StringPrompt("Answer in one word: {question}")
weave.publish(prompt, name="brief", aliases=["production"])`,
  },
  models: {
    kind: "models",
    label: "Models",
    one: "model",
    lead: "Code and settings that answer, as programs published them.",
    filter: { base_object_classes: [CLASSES.models] },
    snippet: (project) => `${begin(project)}
class Echo(weave.Model):
    prefix: str

    @weave.op
    def predict(self, question: str) -> str:
        return self.prefix + question

weave.publish(Echo(name="echo", prefix="> "))`,
  },
  scorers: {
    kind: "scorers",
    label: "Scorers",
    one: "scorer",
    lead: "What judges answers, in code or by a model.",
    filter: { base_object_classes: [CLASSES.scorers] },
    snippet: (project) => `${begin(project)}
class Exact(weave.Scorer):
    @weave.op
    def score(self, output: str, expected: str) -> dict:
        return {"correct": output == expected}

weave.publish(Exact(name="exact"))`,
  },
  objects: {
    kind: "objects",
    label: "Others",
    one: "object",
    lead: "Everything else that was published: evaluations, leaderboards, plain values.",
    filter: { exclude_base_object_classes: Object.values(CLASSES), is_op: false },
    snippet: (project) => `${begin(project)}weave.publish({"threshold": 0.5}, name="settings")`,
  },
  ops: {
    kind: "ops",
    label: "Ops",
    one: "op",
    lead: "Functions that were traced, with the code of each version.",
    filter: { is_op: true },
    snippet: (project) => `${begin(project)}
@weave.op
def shout(text: str) -> str:
    return text.upper()

shout("hello")`,
  },
};

/** The list that a version belongs to. */
export function kindOf(version: Pick<ObjectVersion, "kind" | "base_object_class">): Kind {
  if (version.kind === "op") return "ops";
  return BASES[version.base_object_class ?? ""] ?? "objects";
}
