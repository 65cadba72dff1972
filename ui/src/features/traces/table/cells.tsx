import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, CircleDot, CircleDotDashed } from "lucide-react";
import type { ReactNode } from "react";
import type { Call } from "~/api/weave/calls";
import { refOf } from "~/api/weave/refs";
import { callName } from "~/api/weave/told";
import { Ago, Money, Tokens } from "~/components/Figures";
import { count, duration } from "~/lib/format";
import { costOf, feedbackOf, latencyMs, modelsOf, type Status, statusOf, tokensOf } from "./figures";
import { COST, FEEDBACK, LATENCY, MODEL, NAME, STATUS, STATUSES, TOKENS, USER } from "./known";
import { valueAt } from "./paths";
import { previewOf } from "./preview";

/** What a column shows of a call. */
export function cellOf(path: string, call: Call, place: string): ReactNode {
  switch (path) {
    case NAME:
      return <NameCell call={call} place={place} />;
    case STATUS:
      return <StatusCell status={statusOf(call)} />;
    case "started_at":
    case "ended_at":
      return call[path] ? <Ago at={call[path]} /> : null;
    case LATENCY: {
      const ms = latencyMs(call);
      return ms === null ? null : <span title={`${count(ms)} ms`}>{duration(ms / 1000)}</span>;
    }
    case TOKENS:
    case "summary.weave.input_tokens":
    case "summary.weave.output_tokens":
      return tokensCell(path, call);
    case COST: {
      const cost = costOf(call);
      return cost === null ? null : <Money nanoUsd={cost} />;
    }
    case FEEDBACK:
      return <FeedbackCell call={call} />;
    case USER:
      return call.wb_username ?? call.wb_user_id ?? null;
    case MODEL:
      return modelsOf(call).join(", ");
    default:
      return path.startsWith("feedback.") ? feedbackValue(path, call) : valueCell(valueAt(call, path));
  }
}

/** What a cell holds, as a text for a reader who hovers over it. */
export function titleOf(path: string, call: Call): string | undefined {
  if (path === NAME) return `${callName(call)} · ${call.id}`;
  if (!/^(inputs|output|attributes|exception)/.test(path)) return undefined;
  return previewOf(valueAt(call, path)) || undefined;
}

function NameCell({ call, place }: { call: Call; place: string }) {
  const [team = "", project = ""] = place.split("/");
  return (
    <Link
      to="/$team/$project/r/call/$callId"
      params={{ team, project, callId: call.id }}
      className="font-medium text-accent hover:underline"
    >
      {callName(call)}
    </Link>
  );
}

const LOOKS: Record<Status, { icon: typeof CircleCheck; tone: string }> = {
  success: { icon: CircleCheck, tone: "text-good" },
  error: { icon: CircleAlert, tone: "text-bad" },
  running: { icon: CircleDotDashed, tone: "text-accent" },
  descendant_error: { icon: CircleDot, tone: "text-warn" },
};

function StatusCell({ status }: { status: Status }) {
  const { icon: Icon, tone } = LOOKS[status] ?? LOOKS.running;
  const label = STATUSES.find((one) => one.value === status)?.label ?? status;
  return (
    <span className={`inline-flex items-center gap-1.5 ${tone}`}>
      <Icon aria-hidden className="size-3.5" />
      {label}
    </span>
  );
}

function tokensCell(path: string, call: Call): ReactNode {
  const sum = tokensOf(call);
  if (sum === null) return null;
  if (path === TOKENS)
    return (
      <span title={`${count(sum.input)} in, ${count(sum.output)} out`}>
        <Tokens value={sum.input + sum.output} />
      </span>
    );
  return <Tokens value={path.endsWith("input_tokens") ? sum.input : sum.output} />;
}

function FeedbackCell({ call }: { call: Call }) {
  const sum = feedbackOf(call.summary?.weave?.feedback);
  const parts: ReactNode[] = sum.emoji.map(([emoji, times]) => (
    <span key={emoji} className="whitespace-nowrap">
      {emoji}
      {times > 1 && <span className="text-xs text-muted"> {times}</span>}
    </span>
  ));
  if (sum.notes > 0)
    parts.push(
      <span key="notes" className="text-xs text-muted">
        {sum.notes === 1 ? "1 note" : `${sum.notes} notes`}
      </span>,
    );
  for (const one of sum.results)
    parts.push(
      <span key={one.field} className="text-xs">
        <span className="text-muted">{one.name}</span> {previewOf(one.value)}
      </span>,
    );
  return <span className="inline-flex gap-2">{parts}</span>;
}

/** `feedback.[type].payload.a`: of the last feedback of that type. */
function feedbackValue(path: string, call: Call): ReactNode {
  const found = /^feedback\.\[([^[\]]+)\]\.(.+)$/.exec(path);
  const given = call.summary?.weave?.feedback?.filter((one) => one.feedback_type === found?.[1]).at(-1);
  return given ? valueCell(valueAt(given as unknown as Call, found?.[2] ?? "")) : null;
}

function valueCell(value: unknown): ReactNode {
  const ref = refOf(value);
  if (!ref || (ref.kind !== "object" && ref.kind !== "op")) return previewOf(value);
  const name = encodeURIComponent(ref.name);
  const to: string = `/${ref.team}/${ref.project}/weave/${ref.kind}s/${name}/versions/${ref.digest}`;
  return (
    <Link to={to} className="text-accent hover:underline">
      {previewOf(value)}
    </Link>
  );
}
