/** Items of a queue and what people answered about them, as lines of a file. Pure. */

import type { Call, Feedback } from "~/api/weave/calls";
import type { QueueItem } from "~/api/weave/queues";
import { csvLine } from "~/lib/csv";
import { questionNameOf } from "../queries";

/** An item with its call, if that is still there, and the answers to the queue's questions, the oldest first. */
export interface Annotated {
  item: QueueItem;
  call: Call | null;
  answers: Feedback[];
}

export type Format = "csv" | "jsonl";

const HEAD = ["position", "item_id", "call_id", "op_name", "started_at", "state", "inputs", "output"];
const MADE_BY = ["annotator", "annotated_at"];

/** The first line; nothing where none is wanted. */
export function headOf(format: Format, questions: readonly string[]): string {
  return format === "csv" ? csvLine([...HEAD, ...MADE_BY, ...questions]) : "";
}

/**
 * An item: in JSONL a line with all its annotations; in CSV a line for each annotator, with their newest answer to each
 * question in its column, and one without answers where nobody gave any.
 */
export function linesOf(format: Format, one: Annotated, questions: readonly string[]): string {
  const { item, call, answers } = one;
  const facts = {
    position: item.position_in_queue ?? null,
    item_id: item.id,
    call_id: item.call_id,
    op_name: item.call_op_name,
    started_at: item.call_started_at,
    state: item.annotation_state,
    inputs: call?.inputs ?? null,
    output: call?.output ?? null,
  };
  if (format === "jsonl") {
    const annotations = answers.map((answer) => ({
      question: questionNameOf(answer),
      value: answer.payload.value ?? null,
      annotator: annotatorOf(answer),
      annotated_at: answer.created_at,
    }));
    return `${JSON.stringify({ ...facts, annotations })}\n`;
  }
  const base = Object.values(facts);
  const people = [...new Set(answers.map(annotatorOf))];
  if (people.length === 0) return csvLine([...base, "", "", ...questions.map(() => "")]);
  return people
    .map((who) => {
      const theirs = answers.filter((answer) => annotatorOf(answer) === who);
      const values = questions.map(
        (name) => theirs.findLast((answer) => questionNameOf(answer) === name)?.payload.value,
      );
      return csvLine([...base, who, theirs.at(-1)?.created_at, ...values]);
    })
    .join("");
}

function annotatorOf(answer: Feedback): string {
  return answer.creator || answer.wb_user_id || "";
}
