/** Code that fetches a call, and that gives feedback on it. Pure. */

interface Place {
  /** `https://host`, without a slash at the end. */
  origin: string;
  /** `team/project`. */
  of: string;
  callId: string;
}

export function pythonGet({ origin, of, callId }: Place): string {
  return `import os

import weave

os.environ["WANDB_BASE_URL"] = ${text(origin)}  # and WANDB_API_KEY: a key of this server

client = weave.init(${text(of)})
call = client.get_call(${text(callId)})
print(call.inputs, call.output)`;
}

export function pythonFeedback(place: Place): string {
  return `${pythonGet(place)}

call.feedback.add_reaction("👍")
call.feedback.add_note("Well done")
call.feedback.add("correctness", {"value": 4})`;
}

export function curlGet({ origin, of, callId }: Place): string {
  return `curl ${origin}/traces/call/read \\
  -u "api:$WANDB_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d ${shell(JSON.stringify({ project_id: of, id: callId, include_costs: true }))}`;
}

export function curlFeedback({ origin, of, callId }: Place): string {
  const body = {
    project_id: of,
    weave_ref: `weave:///${of}/call/${callId}`,
    feedback_type: "wandb.note.1",
    payload: { note: "Well done" },
  };
  return `curl ${origin}/traces/feedback/create \\
  -u "api:$WANDB_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d ${shell(JSON.stringify(body))}`;
}

/** As a text of Python; JSON's are. */
function text(value: string): string {
  return JSON.stringify(value);
}

function shell(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
