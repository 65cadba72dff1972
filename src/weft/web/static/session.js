// What the pages share: making elements without markup, asking the API, and signing in.

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export async function ask(path, body, method = body === undefined ? "GET" : "POST") {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  if (!response.ok) {
    let told;
    try { told = JSON.parse(text); } catch { told = {}; }
    const message = told.message ?? told.error?.message ?? `${path} answered ${response.status}`;
    throw Object.assign(new Error(message), { status: response.status });
  }
  return text;
}

export async function askJson(path, body, method) {
  return JSON.parse(await ask(path, body, method));
}

// Puts a form in `place`; calls `done` once the caller is signed in.
export function signIn(place, why, done) {
  const form = element("form", "sign-in");
  const note = element("p", "", why);
  note.setAttribute("role", "status");
  const name = field("User name", "username", "text");
  const password = field("Password", "current-password", "password");
  const button = element("button", "", "Sign in");
  form.append(note, name.label, password.label, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await ask("/api/login", { username: name.input.value, password: password.input.value });
      form.remove();
      await done();
    } catch (error) {
      note.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  });
  place.replaceChildren(form);
  name.input.focus();
}

function field(title, autocomplete, type) {
  const label = element("label", "", title);
  const input = element("input", "");
  Object.assign(input, { type, autocomplete, required: true, maxLength: 1024 });
  label.append(input);
  return { label, input };
}
