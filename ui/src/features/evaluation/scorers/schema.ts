/** Whether a value fits the plain words of a JSON Schema; what goes beyond them only the server checks. Pure. */

type Rules = Record<string, unknown>;

const BEYOND = ["$ref", "allOf", "anyOf", "oneOf", "not", "prefixItems"];
const DEPTH = 32;

/** Null: it fits as far as can be told here, and the schema says more. */
export function fits(value: unknown, schema: unknown, depth = 0): boolean | null {
  if (typeof schema !== "object" || schema === null) return schema !== false;
  if (depth > DEPTH) return null;
  const rules = schema as Rules;
  if (!hasType(value, rules.type) || !isOneOf(value, rules) || !isInBounds(value, rules)) return false;
  const inside = partsOf(value, rules).map(([part, of]) => fits(part, of, depth + 1));
  if (inside.includes(false)) return false;
  return inside.includes(null) || BEYOND.some((word) => word in rules) ? null : true;
}

function hasType(value: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true;
  const names = Array.isArray(wanted) ? wanted : [wanted];
  return names.some((name) => {
    if (name === "null") return value === null;
    if (name === "array") return Array.isArray(value);
    if (name === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
    if (name === "integer") return Number.isInteger(value);
    return typeof value === name;
  });
}

function isOneOf(value: unknown, rules: Rules): boolean {
  const same = (other: unknown) => JSON.stringify(other) === JSON.stringify(value);
  if ("const" in rules && !same(rules.const)) return false;
  return !Array.isArray(rules.enum) || rules.enum.some(same);
}

function isInBounds(value: unknown, rules: Rules): boolean {
  const size =
    typeof value === "number"
      ? value
      : typeof value === "string" || Array.isArray(value)
        ? value.length
        : null;
  if (size === null) return true;
  const [least, most] =
    typeof value === "number"
      ? [rules.minimum, rules.maximum]
      : typeof value === "string"
        ? [rules.minLength, rules.maxLength]
        : [rules.minItems, rules.maxItems];
  return !(typeof least === "number" && size < least) && !(typeof most === "number" && size > most);
}

/** What is inside of a value, each with its schema; what is required and not there fits nothing. */
function partsOf(value: unknown, rules: Rules): [unknown, unknown][] {
  if (Array.isArray(value)) return value.map((item) => [item, rules.items ?? true]);
  if (typeof value !== "object" || value === null) return [];
  const known = (typeof rules.properties === "object" ? rules.properties : null) as Rules | null;
  const rest = rules.additionalProperties ?? true;
  const members = Object.entries(value).map(([name, member]): [unknown, unknown] => [
    member,
    known?.[name] ?? rest,
  ]);
  const required = Array.isArray(rules.required) ? rules.required : [];
  return [
    ...members,
    ...required.filter((name) => !(name in value)).map((): [unknown, unknown] => [null, false]),
  ];
}
