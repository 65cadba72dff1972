import { Link } from "@tanstack/react-router";
import { Money, Tokens } from "~/components/Figures";
import { duration } from "~/lib/format";
import { useParts } from "../context";
import { ending, tokensPerSecond, ttft } from "../state/meters";
import type { Answer } from "../state/types";

/** The figures of an answer: live while it is written, exact once its usage record is there; and the way to both. */
export function AnswerFooter({ answer }: { answer: Answer }) {
  const speed = tokensPerSecond(answer);
  const first = ttft(answer);
  const end = ending(answer);
  const { usage } = answer;
  return (
    <div className="flex min-h-5 flex-wrap items-center gap-x-3 gap-y-0.5 text-xs text-muted">
      {end !== "" && <span className="font-medium text-warn">{end}</span>}
      {first !== null && <span title="Time to the first token, seen from here">TTFT {first}</span>}
      {speed !== null && (
        <span title="While it was written">{speed.toFixed(speed < 10 ? 1 : 0)} tokens/s</span>
      )}
      {usage === null ? (
        answer.pieces > 0 && <span>{answer.pieces} tokens so far</span>
      ) : (
        <>
          <span title="Prompt and answer, as metered">
            <Tokens value={usage.inputTokens} /> in, <Tokens value={usage.outputTokens} /> out
          </span>
          <Money nanoUsd={usage.costNusd} />
          <span title="From the request to its end, on the server">{duration(usage.totalMs / 1000)}</span>
        </>
      )}
      {answer.requestId !== null && usage !== null && (
        <Records answer={answer} requestId={answer.requestId} />
      )}
    </div>
  );
}

function Records({ answer, requestId }: { answer: Answer; requestId: string }) {
  const { place } = useParts();
  return (
    <>
      <Link to={`/requests/${requestId}` as string} className="underline hover:text-fg">
        Usage and charge
      </Link>
      {answer.traced && (
        <Link
          to={`/${place.team}/${place.project}/r/call/${requestId}` as string}
          className="underline hover:text-fg"
        >
          Trace
        </Link>
      )}
    </>
  );
}
