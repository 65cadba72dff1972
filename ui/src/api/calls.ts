import { ApiError, type ErrorBody } from "./errors";

/** What was sent in a call of the trace store; null where it keeps none of this id. The Weave API, not our own. */
export async function readInputs(project: string, callId: string): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch("/traces/call/read", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ project_id: project, id: callId }),
    });
  } catch (cause) {
    throw ApiError.unreachable(cause);
  }
  const told = (await answer.json().catch(() => ({}))) as ErrorBody & { call?: { inputs?: unknown } | null };
  if (!answer.ok) throw ApiError.of(answer, told);
  return told.call?.inputs ?? null;
}
