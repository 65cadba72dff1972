import type { CallsAsked } from "~/api/weave/calls";

/** Programs around a project's calls, complete as they stand; the key comes from the environment. Pure. */

/** How somebody writes a first trace. */
export function firstTrace(origin: string, project: string): string {
  return `# pip install weave
# export WANDB_BASE_URL=${origin}
# export WANDB_API_KEY=<one of your keys>

import weave

weave.init("${project}")


@weave.op
def greet(name: str) -> str:
    return f"Hello, {name}!"


greet("world")
`;
}

/** What fetches the same calls with the Weave client. */
export function pythonOf(origin: string, project: string, asked: CallsAsked): string {
  const { filter, query, sort_by, limit, columns } = asked;
  const given: [string, unknown][] = [
    ["filter", filter && Object.keys(filter).length > 0 ? filter : undefined],
    ["query", query],
    ["sort_by", sort_by],
    ["limit", limit],
    ["columns", columns],
    ["include_costs", asked.include_costs],
    ["include_feedback", asked.include_feedback],
  ];
  const lines = given
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => `    ${name}=${literal(value, 1)},\n`);
  return `# pip install weave
# export WANDB_BASE_URL=${origin}
# export WANDB_API_KEY=<one of your keys>

import weave

client = weave.init("${project}")
calls = client.get_calls(
${lines.join("")})
for call in calls:
    print(call.id, call.op_name)
`;
}

/** What fetches the same calls over HTTP, a line of JSON for each. */
export function curlOf(origin: string, project: string, asked: CallsAsked): string {
  const body = JSON.stringify({ project_id: project, ...asked }, null, 2);
  return `curl --no-buffer --user "api:$WANDB_API_KEY" \\
  --header "Content-Type: application/json" \\
  --data ${shellText(body)} \\
  ${origin}/traces/calls/stream_query
`;
}

/** A text for a POSIX shell, as one word. */
export function shellText(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A value as Python writes it. */
export function literal(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const pad = "    ".repeat(depth + 1);
  const entries = Array.isArray(value)
    ? value.map((one) => literal(one, depth + 1))
    : Object.entries(value)
        .filter(([, one]) => one !== undefined)
        .map(([key, one]) => `${JSON.stringify(key)}: ${literal(one, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const flat = `${open}${entries.join(", ")}${close}`;
  if (flat.length <= 72 && !flat.includes("\n")) return flat;
  return `${open}\n${entries.map((one) => `${pad}${one},\n`).join("")}${"    ".repeat(depth)}${close}`;
}
