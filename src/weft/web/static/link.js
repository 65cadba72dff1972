// What a link that a client printed leads to, in plain terms.
import { ask, askJson, element, signIn } from "/assets/session.js";

const PAGE = 50;
const SHOWN_CHARS = 20_000;
const parts = location.pathname.split("/").filter(Boolean).map(decodeURIComponent);
const project = parts.slice(0, 2).join("/");
const home = `/${parts.slice(0, 2).map(encodeURIComponent).join("/")}/weave`;
const title = document.getElementById("title");
const found = document.getElementById("found");
const toProject = document.getElementById("project");
toProject.textContent = project;
toProject.href = home;

function facts(pairs) {
  const list = element("dl", "");
  for (const [name, value] of pairs) {
    if (value !== undefined && value !== null && value !== "") list.append(element("dt", "", name), element("dd", "", String(value)));
  }
  return list;
}

function text(name, value) {
  const shown = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const box = element("figure", "");
  box.append(element("figcaption", "", name), element("pre", "", shown.length > SHOWN_CHARS ? `${shown.slice(0, SHOWN_CHARS)}…` : shown));
  return box;
}

// weave:///team/project/op/name:digest -> name
const opName = (name) => (name.startsWith("weave:///") ? name.split("/").pop().split(":")[0] : name);
const callName = (call) => call.display_name || call.summary?.weave?.trace_name || opName(call.op_name);
const when = (moment) => (moment ? new Date(moment).toLocaleString() : "");

function status(call) {
  const told = call.summary?.weave?.status ?? (call.exception ? "error" : call.ended_at ? "success" : "running");
  return { success: "done", error: "failed", running: "running", descendant_error: "done, but a call inside it failed" }[told] ?? told;
}

/** What the client keeps of an exception, as Python would print it; texts of others as they are. */
function exception(kept) {
  try {
    const { type, message, traceback } = JSON.parse(kept);
    const frames = (traceback ?? []).map(
      (at) => `  File "${at.filename}", line ${at.line_number}, in ${at.function_name}\n    ${at.text ?? ""}\n`,
    );
    return `${frames.length ? "Traceback (most recent call last):\n" : ""}${frames.join("")}${type}: ${message}`;
  } catch {
    return kept;
  }
}

function callList(calls) {
  if (!calls.length) return element("p", "", "No calls yet.");
  const list = element("ul", "");
  for (const call of calls) {
    const item = element("li", "");
    const link = element("a", "", callName(call));
    link.href = `${home.replace(/\/weave$/, "")}/r/call/${encodeURIComponent(call.id)}`;
    item.append(link, ` ${status(call)} · ${when(call.started_at)}`);
    list.append(item);
  }
  return list;
}

async function calls(filter) {
  const columns = ["id", "op_name", "display_name", "started_at", "ended_at", "exception", "summary"];
  const body = { project_id: project, filter, columns, limit: PAGE, sort_by: [{ field: "started_at", direction: "desc" }] };
  const lines = await ask("/traces/calls/stream_query", body);
  return lines.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

async function showProject() {
  title.textContent = project;
  found.replaceChildren(element("h2", "", "Newest traces"), callList(await calls({ trace_roots_only: true })));
}

async function showCall(id) {
  const { call } = await askJson("/traces/call/read", { project_id: project, id });
  if (!call) throw new Error(`There is no call ${id} in ${project}.`);
  const inside = await calls({ parent_ids: [call.id] });
  title.textContent = callName(call);
  const took = call.summary?.weave?.latency_ms;
  found.replaceChildren(
    facts([
      ["Status", status(call)], ["Began", when(call.started_at)],
      ["Took", took === undefined || took === null ? "" : `${(took / 1000).toLocaleString()} s`],
      ["Models", Object.keys(call.summary?.usage ?? {}).join(", ")], ["Call", call.id], ["Trace", call.trace_id],
    ]),
    text("Inputs", call.inputs ?? {}),
    ...(call.exception ? [text("Exception", exception(call.exception))] : [text("Output", call.output ?? null)]),
    ...(inside.length ? [element("h2", "", "Calls inside it"), callList(inside)] : []),
  );
}

async function showObject(kind, name, digest) {
  const { obj } = await askJson("/traces/obj/read", { project_id: project, object_id: name, digest });
  title.textContent = name;
  found.replaceChildren(
    facts([["Kind", obj.base_object_class ?? kind], ["Version", `v${obj.version_index}`], ["Digest", obj.digest], ["Made", when(obj.created_at)]]),
    text("Value", obj.val),
  );
}

const RUN = `query Run($project: String!, $entity: String!, $name: String!) { project(name: $project, entityName: $entity) {
  run(name: $name) { name displayName state config summaryMetrics createdAt user { username } } } }`;

async function showRun(name) {
  const variables = { entity: parts[0], project: parts[1], name };
  const { data, errors } = await askJson("/graphql", { query: RUN, variables });
  if (errors?.[0]?.extensions?.code === "PERMISSION_ERROR") throw Object.assign(new Error(errors[0].message), { status: 401 });
  const run = data?.project?.run;
  if (!run) throw new Error(`There is no run ${name} in ${project}.`);
  title.textContent = run.displayName ?? run.name;
  found.replaceChildren(
    facts([["State", run.state], ["Began", when(run.createdAt)], ["By", run.user?.username]]),
    text("Config", JSON.parse(run.config ?? "{}")), text("Summary", JSON.parse(run.summaryMetrics ?? "{}")),
    element("h2", "", "Traces of it"), callList(await calls({ wb_run_ids: [`${project}/${name}`] })),
  );
}

function wanted() {
  const [, , area, kind, name, , digest] = parts;
  if (area === "runs" && kind) return showRun(kind);
  if (area === "r" && kind === "call" && name) return showCall(name);
  if (area === "weave" && kind === "calls" && name) return showCall(name);
  if (area === "weave" && kind === "leaderboards" && name) return showObject("leaderboard", name, "latest");
  if (area === "weave" && (kind === "objects" || kind === "ops") && name) return showObject(kind.slice(0, -1), name, digest ?? "latest");
  return showProject();
}

async function show() {
  found.replaceChildren(element("p", "", "Looking…"));
  try {
    await wanted();
    document.title = `${title.textContent} · Weft`;
  } catch (error) {
    title.textContent = error.status === 401 ? "Sign in" : "Not found";
    if (error.status === 401) signIn(found, `To see ${project}, sign in.`, show);
    else found.replaceChildren(element("p", "", error.message), element("p", "", "The client may still be sending it: reload in a moment."));
  }
}

show();
