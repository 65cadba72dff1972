// The home page: what runs here and how to call it. Reads the public catalog; usage only for who is signed in.

const byId = (id) => document.getElementById(id);
const STATES = { ready: "ready", asleep: "asleep", "stand-in": "stand-in", "not-runnable": "not here" };

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}

async function getJson(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw Object.assign(new Error(`${path} answered ${response.status}`), { status: response.status });
  return response.json();
}

// Money crosses JSON as nano-dollars in a string; a JavaScript number could not hold it.
function dollars(nano) {
  const amount = BigInt(nano);
  const fraction = (amount % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "").padEnd(2, "0");
  return `$${amount / 1_000_000_000n}.${fraction}`;
}

// What a probe found of a feature. The words stand beside the sign: colour alone tells some people nothing.
const FEATURES = { json_object: "JSON", json_schema: "JSON schema", logprobs: "log probabilities", n: "several answers", stop: "stop words" };
const BADGES = {
  works: ["✓", "works"], "also-works": ["+", "also works, not claimed"], broken: ["✕", "broken"],
  absent: ["–", "not supported"], unknown: ["?", "not known"],
};

function badgeList(badges) {
  const shown = badges.filter((badge) => badge.state !== "absent");
  if (!shown.length) return undefined;
  const box = document.createElement("details");
  const list = element("ul", "features", "");
  const lines = element("dl", "checked", "");
  for (const badge of shown) {
    const [sign, words] = BADGES[badge.state] ?? ["?", badge.state];
    const name = FEATURES[badge.feature] ?? badge.feature;
    const when = badge.checkedAt ? new Date(badge.checkedAt).toLocaleString() : "never checked";
    const item = element("li", `feature ${badge.state}`, `${sign} ${name}`);
    item.title = `${name}: ${words}${badge.detail ? ` (${badge.detail})` : ""}; ${when}`;
    list.append(item);
    lines.append(element("dt", "", name), element("dd", "", `${words}${badge.detail ? `: ${badge.detail}` : ""} · ${when}`));
  }
  const head = element("summary", "", "");
  const broken = shown.filter((badge) => badge.state === "broken").length;
  head.append(element("span", "facts", broken ? `${broken} of ${shown.length} features broken` : "Features, as last probed"), list);
  box.append(head, lines);
  return box;
}

const count = (number) => Number(number).toLocaleString("en");

function card(model) {
  const item = document.createElement("li");
  const head = element("div", "model-head", "");
  head.append(element("strong", "", model.label), element("span", `badge ${model.state}`, STATES[model.state] ?? model.state));
  const price = model.prices.current;
  item.append(
    head,
    element("code", "model-id", model.id),
    element("span", "", model.descriptionShort),
    element("span", "facts", `${count(model.contextWindow)} tokens · ${dollars(price.inputNusdPerMtok)} in, ${dollars(price.outputNusdPerMtok)} out per million`),
  );
  const badges = badgeList(model.badges ?? []);
  if (badges) item.append(badges);
  if (!model.runnable && model.needs.length) item.append(element("span", "facts", `Needs ${model.needs[0]}`));
  return item;
}

async function showModels() {
  const note = byId("models-note");
  try {
    const { models } = await getJson("/inference/catalog/models");
    const order = ["ready", "asleep", "stand-in", "not-runnable"];
    models.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
    byId("model-list").replaceChildren(...models.map(card));
    const here = models.filter((model) => model.runnable && !model.standIn).length;
    const standIns = models.filter((model) => model.standIn).length;
    note.textContent = `${here} of ${models.length} run here` + (standIns ? `; ${standIns} are answered by the tiny stand-in model.` : ".");
    return models.find((model) => model.state === "ready")?.id;
  } catch (error) {
    note.textContent = `The catalog could not be loaded (${error.message}). Reload to try again.`;
    return undefined;
  }
}

async function showUsage() {
  const me = await getJson("/api/me").catch((error) => { if (error.status === 401) return null; throw error; });
  byId("who").textContent = me ? `Signed in as ${me.username ?? me.user?.username}` : "Not signed in";
  if (!me) return;
  byId("usage-section").hidden = false;
  const report = await getJson("/api/usage?by=model");
  const rows = report.rows ?? [];
  byId("usage-note").textContent = rows.length ? "" : "No requests yet. The snippet above makes the first one.";
  byId("usage-table").hidden = rows.length === 0;
  byId("usage-table").tBodies[0].replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    line.append(...[row.group, count(row.requests), count(row.input_tokens), count(row.output_tokens), dollars(row.cost_nusd)]
      .map((text) => element("td", "", text)));
    return line;
  }));
}

function showSnippet(model) {
  const base = `${location.origin}/v1`;
  byId("base-url").textContent = base;
  byId("python").textContent = `import openai

client = openai.OpenAI(base_url="${base}", api_key="<your key>")
answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Tell me a joke."}],
)
print(answer.choices[0].message.content)`;
}

document.addEventListener("click", async (event) => {
  const target = event.target.dataset?.copy;
  if (!target) return;
  await navigator.clipboard.writeText(byId(target).textContent);
  event.target.textContent = "Copied";
  setTimeout(() => { event.target.textContent = "Copy"; }, 1500);
});

showSnippet("weft/tiny-chat");
showUsage().catch((error) => { byId("usage-note").textContent = `Usage could not be loaded (${error.message}).`; });
const ready = await showModels();
if (ready) showSnippet(ready);
