// Where clients send people who have no key yet.
import { askJson, element, signIn } from "/assets/session.js";

const byId = (id) => document.getElementById(id);
const place = byId("make");

byId("login").textContent = `wandb login --host ${location.origin}`;
byId("environ").textContent = `export WANDB_BASE_URL=${location.origin}\nexport WANDB_API_KEY=<your key>`;
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(byId(button.dataset.copy).textContent, button));
}

async function copy(text, button) {
  await navigator.clipboard.writeText(text);
  button.textContent = "Copied";
}

async function show() {
  let me;
  try {
    me = await askJson("/api/me");
  } catch (error) {
    if (error.status !== 401) throw error;
    signIn(place, "Sign in to make a key.", show);
    return;
  }
  byId("who").textContent = `Signed in as ${me.username}`;
  const button = element("button", "", "Make a key");
  button.type = "button";
  button.addEventListener("click", () => make(button).catch(fail));
  place.replaceChildren(button);
}

async function make(button) {
  button.disabled = true;
  const made = await askJson("/api/keys", { name: "made for a client", scopes: ["inference", "traces"] });
  const shown = element("p", "key");
  const copier = element("button", "", "Copy");
  copier.type = "button";
  copier.addEventListener("click", () => copy(made.api_key, copier));
  shown.append(element("code", "", made.api_key), copier);
  place.replaceChildren(shown);
}

function fail(error) {
  place.replaceChildren(element("p", "", error.message));
}

show().catch(fail);
