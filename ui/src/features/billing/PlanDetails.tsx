import type { Schema } from "~/api/client";
import { Money } from "~/components/Figures";
import { Card, Section } from "~/components/Page";
import { count } from "~/lib/format";

/** The plan, and what it allows. */
export function PlanDetails({ card }: { card: Schema<"BillingCard"> }) {
  const { plan } = card;
  const counts = [
    { what: "in flight", of: plan.concurrency },
    { what: "requests a minute", of: plan.requests_per_minute },
    { what: "tokens a minute", of: plan.tokens_per_minute },
  ].flatMap(({ what, of }) => Object.entries(of).map(([scope, most]) => ({ what, scope, most })));
  return (
    <Section title="Plan">
      <Card>
        <div className="text-base font-semibold">{plan.label}</div>
        <dl className="mt-2 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5">
          <dt className="text-muted">Credit a month</dt>
          <dd className="text-right">
            <Money nanoUsd={plan.included_nusd} />
          </dd>
          <dt className="text-muted">When credit ends</dt>
          <dd className="text-right">
            {plan.when_credit_ends === "refuse" ? "requests are refused" : "pay as you go"}
          </dd>
          {card.caps.map((cap) => (
            <div key={`${cap.period} ${cap.set_by}`} className="contents">
              <dt className="text-muted">Cap a {cap.period}</dt>
              <dd className="text-right">
                <Money nanoUsd={cap.max_nusd} />
              </dd>
            </div>
          ))}
          {counts.map(({ what, scope, most }) => (
            <div key={`${what} ${scope}`} className="contents">
              <dt className="text-muted">
                {scope.replace("project_model", "project and model")}: {what}
              </dt>
              <dd className="text-right">{count(most ?? 0)}</dd>
            </div>
          ))}
        </dl>
      </Card>
    </Section>
  );
}
