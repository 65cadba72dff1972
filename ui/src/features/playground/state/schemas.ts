/** Checks what somebody typed as a function or a response schema, before the server has to. */

import type { JsonObject, ToolFunction } from "./types";

/** The server's bounds (`gateway/wire/bounds.py`), so that the word comes while one types. */
export const MAX_SCHEMA_BYTES = 64 * 1024;
const MAX_SCHEMA_DEPTH = 32;
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const TYPES = new Set(["object", "array", "string", "number", "integer", "boolean", "null"]);

export type Parsed<T> =
  | { readonly value: T; readonly problem: null }
  | { readonly value: null; readonly problem: string };

export function ok<T>(value: T): Parsed<T> {
  return { value, problem: null };
}

export function bad(problem: string): Parsed<never> {
  return { value: null, problem };
}

/** Why `name` names no function and no schema; null where it does. */
export function nameProblem(name: string): string | null {
  return NAME.test(name) ? null : "A name has 1 to 64 letters, digits, hyphens and underscores.";
}

/** A JSON object out of `text`. */
export function parseObject(text: string, what: string): Parsed<JsonObject> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return bad(`${what} is not valid JSON: ${error instanceof Error ? error.message : "it cannot be read"}.`);
  }
  if (!isObject(value)) return bad(`${what} must be a JSON object.`);
  return ok(value);
}

/** A JSON schema out of `text`: an object, not too deep, and with types that exist. */
export function parseSchema(text: string): Parsed<JsonObject> {
  if (new TextEncoder().encode(text).length > MAX_SCHEMA_BYTES)
    return bad("The schema is larger than 64 kB.");
  const parsed = parseObject(text, "The schema");
  if (parsed.problem !== null) return parsed;
  const problem = schemaProblem(parsed.value, "The schema", 0);
  return problem === null ? parsed : bad(problem);
}

/**
 * One function as somebody typed it: the function alone, or within `{"type": "function", "function": ...}` as it
 * stands in a request.
 */
export function parseFunction(text: string, otherNames: readonly string[]): Parsed<ToolFunction> {
  const parsed = parseObject(text, "The function");
  if (parsed.problem !== null) return parsed;
  const inner = parsed.value.type === "function" ? parsed.value.function : parsed.value;
  if (!isObject(inner)) return bad('"function" must be a JSON object.');
  const { name, description = "", parameters = { type: "object", properties: {} }, strict = false } = inner;
  if (typeof name !== "string") return bad('The function needs a "name".');
  const wrongName = nameProblem(name);
  if (wrongName !== null) return bad(wrongName);
  if (otherNames.includes(name)) return bad(`There is a function "${name}" already.`);
  if (typeof description !== "string") return bad('"description" must be a text.');
  if (typeof strict !== "boolean") return bad('"strict" must be true or false.');
  if (!isObject(parameters)) return bad('"parameters" must be a JSON schema.');
  const problem = schemaProblem(parameters, '"parameters"', 0);
  if (problem !== null) return bad(problem);
  return ok({ name, description, parameters, strict });
}

/** The function as its editor shows it. */
export function showFunction(tool: ToolFunction): string {
  const { name, description, parameters, strict } = tool;
  return JSON.stringify({ name, description, parameters, ...(strict ? { strict } : {}) }, null, 2);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function schemaProblem(schema: JsonObject, where: string, depth: number): string | null {
  if (depth > MAX_SCHEMA_DEPTH) return `The schema is nested deeper than ${MAX_SCHEMA_DEPTH} levels.`;
  const { type, properties, required, items, enum: values } = schema;
  const types: unknown[] = type === undefined ? [] : Array.isArray(type) ? type : [type];
  for (const each of types) {
    if (typeof each !== "string" || !TYPES.has(each))
      return `${where}: there is no type ${JSON.stringify(each)}.`;
  }
  if (
    required !== undefined &&
    !(Array.isArray(required) && required.every((each) => typeof each === "string"))
  )
    return `${where}: "required" must be a list of names.`;
  if (values !== undefined && !(Array.isArray(values) && values.length > 0))
    return `${where}: "enum" must be a list with something in it.`;
  if (properties !== undefined) {
    if (!isObject(properties)) return `${where}: "properties" must be an object.`;
    for (const [name, member] of Object.entries(properties)) {
      if (typeof member === "boolean") continue;
      if (!isObject(member)) return `${where}, ${name}: must be a schema.`;
      const problem = schemaProblem(member, `${where}, ${name}`, depth + 1);
      if (problem !== null) return problem;
    }
  }
  return isObject(items) ? schemaProblem(items, `${where}, items`, depth + 1) : null;
}
