/** Fetches a queue's items, their calls and what was answered about them, some at a time, and writes them to a file. */

import { findCalls } from "~/api/weave/calls";
import { findFeedback } from "~/api/weave/feedback";
import { field, literal } from "~/api/weave/query";
import { findItems, type Queue, type QueueItem } from "~/api/weave/queues";
import { callRef, refOf } from "~/api/weave/refs";
import { questionNameOf } from "../queries";
import { type Annotated, type Format, headOf, linesOf } from "./lines";

export const MIMES: Record<Format, string> = { csv: "text/csv", jsonl: "application/jsonl" };
const ITEMS = 100;
const ANSWERS = 1_000;

/** The file of all items of `queue`, in its order. */
export async function exported(of: string, queue: Queue, format: Format): Promise<Blob> {
  const questions = queue.scorer_refs.flatMap((ref) => refOf(ref)?.name ?? []);
  const parts = [headOf(format, questions)];
  for (let offset = 0; ; offset += ITEMS) {
    const items = await findItems(of, queue.id, { limit: ITEMS, offset });
    for (const one of await annotated(of, items, questions)) parts.push(linesOf(format, one, questions));
    if (items.length < ITEMS) return new Blob(parts, { type: MIMES[format] });
  }
}

async function annotated(of: string, items: QueueItem[], questions: string[]): Promise<Annotated[]> {
  if (items.length === 0) return [];
  const ids = items.map((item) => item.call_id);
  const columns = ["id", "inputs", "output"];
  const [calls, answers] = await Promise.all([
    findCalls(of, { filter: { call_ids: ids }, columns }),
    answersTo(of, ids, questions),
  ]);
  return items.map((item) => ({
    item,
    call: calls.find((call) => call.id === item.call_id) ?? null,
    answers: answers.filter((answer) => answer.weave_ref === callRef(of, item.call_id)),
  }));
}

/** The answers to the questions about these calls, the oldest first. */
async function answersTo(of: string, callIds: string[], questions: string[]) {
  const refs = callIds.map((id) => literal(callRef(of, id)));
  const query = { $expr: { $in: [field("weave_ref"), refs] as [ReturnType<typeof field>, typeof refs] } };
  const found: Awaited<ReturnType<typeof findFeedback>> = [];
  for (let offset = 0; ; offset += ANSWERS) {
    const asked = { query, sort_by: [{ field: "created_at", direction: "asc" as const }] };
    const page = await findFeedback(of, { ...asked, limit: ANSWERS, offset });
    found.push(...page);
    if (page.length < ANSWERS) break;
  }
  const wanted = new Set(questions);
  return found.filter(
    (one) => one.feedback_type.startsWith("wandb.annotation.") && wanted.has(questionNameOf(one)),
  );
}
