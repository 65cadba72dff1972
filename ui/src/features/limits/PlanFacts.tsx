import type { Schema } from "~/api/client";
import { Money } from "~/components/Figures";
import { count } from "~/lib/format";

const NAMES = {
  concurrency: "in flight",
  requests_per_minute: "requests a minute",
  tokens_per_minute: "tokens a minute",
};

/** What a plan gives and allows. */
export function PlanFacts({ plan }: { plan: Schema<"PlanInfo"> }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
      <dt className="text-muted">Credit a month</dt>
      <dd>
        <Money nanoUsd={plan.included_nusd_per_month} />
        {plan.when_credit_ends === "refuse" ? ", then requests are refused" : ", then overage"}
      </dd>
      <dt className="text-muted">Cap</dt>
      <dd>
        {plan.cap_nusd ? (
          <>
            <Money nanoUsd={plan.cap_nusd} /> a {plan.cap_period}
          </>
        ) : (
          "none"
        )}
      </dd>
      {(["concurrency", "requests_per_minute", "tokens_per_minute"] as const).map((kind) => {
        const counts = Object.entries(plan[kind]);
        if (counts.length === 0) return null;
        return (
          <div key={kind} className="contents">
            <dt className="text-muted">At most {NAMES[kind]}</dt>
            <dd>
              {counts
                .map(([scope, most]) => `${scope.replace("_", " and ")} ${count(most as number)}`)
                .join(", ")}
            </dd>
          </div>
        );
      })}
      <dt className="text-muted">Weight</dt>
      <dd>{plan.weight}</dd>
    </dl>
  );
}
