import { Link } from "@tanstack/react-router";
import { CircleAlert } from "lucide-react";
import { wasRefused } from "../state/failure";
import type { Answer, Failure } from "../state/types";

/** What went wrong, in the server's words: what it was, what to do about it, and where it is explained. */
export function FailureView({ failure, answer }: { failure: Failure; answer: Answer }) {
  return (
    <div role="alert" className="flex gap-2 rounded-md border border-line bg-bad-soft px-2.5 py-2">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="flex min-w-0 flex-col gap-1 break-words">
        <div className="font-medium">{failure.message}</div>
        {failure.remedy !== "" && <div>{failure.remedy}</div>}
        {failure.retryAfterS !== null && (
          <div>It is worth trying again in {Math.ceil(failure.retryAfterS)} s.</div>
        )}
        {failure.code !== "" && <div className="font-mono text-xs text-muted">{failure.code}</div>}
        {wasRefused(failure) && answer.requestId !== null && (
          <Link to={`/requests/${answer.requestId}` as string} className="text-accent underline">
            Why was I refused?
          </Link>
        )}
      </div>
    </div>
  );
}
