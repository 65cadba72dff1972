/** Figures of an answer for people: live while it is written, and exact once its usage record is there. */

import { duration } from "~/lib/format";
import type { Answer } from "./types";

const FINISH: Readonly<Record<string, string>> = {
  stop: "",
  length: "Cut at maximum tokens",
  tool_calls: "Calls a function",
  content_filter: "Cut by a content filter",
};

/** Shorter answers come in one piece: their speed would say more about the network. */
const SHORTEST_MS = 50;

/** Tokens per second while it was written; null where that was too short to measure. */
export function tokensPerSecond(answer: Answer): number | null {
  if (answer.usage !== null) {
    const writingMs = answer.usage.totalMs - answer.usage.ttftMs;
    if (answer.usage.outputTokens > 1 && writingMs >= SHORTEST_MS)
      return ((answer.usage.outputTokens - 1) * 1000) / writingMs;
  }
  if (answer.pieces < 2 || answer.writingMs < SHORTEST_MS) return null;
  return ((answer.pieces - 1) * 1000) / answer.writingMs;
}

/** Time to the first token, as the browser saw it. */
export function ttft(answer: Answer): string | null {
  return answer.ttftMs === null ? null : duration(answer.ttftMs / 1000);
}

/** Why the answer ended, where that is worth a word; empty for an ordinary end. */
export function ending(answer: Answer): string {
  if (answer.status === "stopped") return "Stopped";
  const reason = answer.choices[answer.selected]?.finishReason ?? null;
  if (reason === null) return "";
  return FINISH[reason] ?? reason;
}

/** What a screen reader is told when an answer is there. */
export function announcement(number: number, answer: Answer): string {
  const who = `Chat ${number}, ${answer.model}`;
  switch (answer.status) {
    case "done": {
      const { content = "", toolCalls = [] } = answer.choices[answer.selected] ?? {};
      const calls = toolCalls.map((call) => call.name).join(", ");
      return `${who} answered: ${calls === "" ? content.slice(0, 500) : `wants to call ${calls}`}`;
    }
    case "stopped":
      return `${who}: stopped.`;
    case "failed":
      return `${who} failed: ${answer.failure?.message ?? ""}`;
    default:
      return "";
  }
}
