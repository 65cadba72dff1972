import { refOf } from "~/api/weave/refs";
import { lineOf } from "~/components/value/text";

/** One line for a value in a cell: what a reader would look for in it first. Pure. */
export function previewOf(value: unknown): string {
  const ref = refOf(value);
  if (ref) return ref.digest ? `${ref.name}:${ref.digest.slice(0, 6)}` : ref.name;
  const said = lastSaid(value);
  return lineOf(said ?? value);
}

/** Of messages the last one's text, of a model's choices the first one's. */
function lastSaid(value: unknown): string | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const first = part(value[0], "message") ?? part(value[0], "delta");
  const message = first ?? value.at(-1);
  if (typeof part(message, "role") !== "string") return null;
  const content = part(message, "content");
  if (typeof content === "string" && content !== "") return content;
  if (!Array.isArray(content)) return null;
  const texts = content.map((one) => part(one, "text")).filter((one) => typeof one === "string");
  return texts.length > 0 ? texts.join(" ") : null;
}

function part(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
