import type { Kind } from "./kinds";

/** Python that reads a version of `project`, named by digest, number or alias. Pure. */
export function snippetOf(
  project: string,
  kind: Kind,
  name: string,
  version: string,
  variables: string[] = [],
): string {
  const ref =
    kind === "ops"
      ? `weave.ref("weave:///${project}/op/${name}:${version}")`
      : `weave.ref("${name}:${version}")`;
  const begin = `import weave\n\nweave.init("${project}")\n`;
  const after: Record<Kind, string> = {
    datasets: `dataset = ${ref}.get()\nfor row in dataset.rows:\n    print(row)`,
    prompts: `prompt = ${ref}.get()\nprint(prompt.format(${variables.map((one) => `${one}="..."`).join(", ")}))`,
    models: `model = ${ref}.get()\nprint(model)`,
    scorers: `scorer = ${ref}.get()\nprint(scorer)`,
    objects: `value = ${ref}.get()\nprint(value)`,
    ops: `op = ${ref}.get()\nprint(op.name)`,
  };
  return begin + after[kind];
}
