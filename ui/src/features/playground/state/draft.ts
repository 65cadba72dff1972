/** An answer while it is written: takes the pieces of a stream together. */

import { newChoice } from "./make";
import type { Choice, ToolCall } from "./types";
import type { WireChoice, WireChunk, WireDelta, WireToolCallDelta } from "./wire";

/** More choices than can be asked for are no answer to what was asked. */
const MAX_CHOICES = 128;
const MAX_TOOL_CALLS = 128;

/** Mutable, and owned by one request; `choices` gives what the screen may keep. */
export class Draft {
  /** Pieces that carried text, thoughts or part of a call. */
  pieces = 0;
  #choices: Choice[] = [newChoice()];

  /** Add what a chunk, or a whole answer, holds. */
  take(chunk: WireChunk): void {
    for (const choice of chunk.choices ?? []) this.#add(choice);
  }

  get choices(): readonly Choice[] {
    return [...this.#choices];
  }

  #add(wire: WireChoice): void {
    const index = wire.index;
    if (!Number.isInteger(index) || index < 0 || index >= MAX_CHOICES) return;
    while (this.#choices.length <= index) this.#choices.push(newChoice());
    const before = this.#choices[index] ?? newChoice();
    const delta = wire.delta ?? wire.message ?? {};
    const text = (delta.content ?? "") + (delta.refusal ?? "");
    const thought = thoughtOf(delta);
    if (text !== "" || thought !== "" || (delta.tool_calls?.length ?? 0) > 0) this.pieces += 1;
    this.#choices[index] = {
      content: before.content + text,
      reasoning: before.reasoning + thought,
      toolCalls: withCalls(before.toolCalls, delta.tool_calls ?? []),
      finishReason: wire.finish_reason ?? before.finishReason,
    };
  }
}

/** Servers that know both names send both, with the same words. */
function thoughtOf(delta: WireDelta): string {
  return delta.reasoning || delta.reasoning_content || "";
}

function withCalls(calls: readonly ToolCall[], deltas: readonly WireToolCallDelta[]): readonly ToolCall[] {
  if (deltas.length === 0) return calls;
  const changed = [...calls];
  for (const [place, delta] of deltas.entries()) {
    const index = delta.index ?? place;
    if (index < 0 || index >= MAX_TOOL_CALLS) continue;
    while (changed.length <= index) changed.push({ id: "", name: "", arguments: "" });
    const before = changed[index] ?? { id: "", name: "", arguments: "" };
    changed[index] = {
      // Some servers repeat the id and the name with each piece.
      id: before.id || (delta.id ?? ""),
      name: before.name || (delta.function?.name ?? ""),
      arguments: before.arguments + (delta.function?.arguments ?? ""),
    };
  }
  return changed;
}
