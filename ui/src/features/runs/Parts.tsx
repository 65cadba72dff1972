import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Button, buttonClass } from "~/components/Button";
import { EmptyState } from "~/components/States";

/** Facts in two columns; what is empty is left out. */
export function Facts({ pairs }: { pairs: [string, ReactNode][] }) {
  return (
    <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      {pairs
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name} className="col-span-2 grid grid-cols-subgrid">
            <dt className="text-muted">{name}</dt>
            <dd className="break-all">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** What a link names is not there (yet). */
export function Missing({ what, onRetry }: { what: string; onRetry: () => void }) {
  return (
    <EmptyState
      title={`${what} is not there`}
      action={
        <span className="flex gap-2">
          <Button onClick={onRetry}>Look again</Button>
          <Link to="/inference" className={buttonClass("plain")}>
            Go to Inference
          </Link>
        </span>
      }
    >
      The client may still be sending it: look again in a moment.
    </EmptyState>
  );
}
