import { Link } from "@tanstack/react-router";
import type { Schema } from "~/api/client";
import { buttonClass } from "~/components/Button";
import { Money } from "~/components/Figures";
import { Card } from "~/components/Page";
import { rangeText } from "./words";

/** Inference billing information: credit balance, upcoming charges, and the way to the usage over time. */
export function InferenceCard({ card }: { card: Schema<"BillingCard"> }) {
  const { upcoming } = card;
  const isOpen = upcoming !== null && upcoming.low_nusd !== upcoming.high_nusd;
  const range = isOpen && rangeText(upcoming.low_nusd, upcoming.high_nusd);
  return (
    <section aria-label="Inference billing information">
      <Card className="flex flex-col gap-3 shadow-sm">
        <h2 className="text-base">Inference</h2>
        <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5">
          <dt className="text-muted">Credit balance</dt>
          <dd className="text-right font-semibold">
            <Money nanoUsd={card.credit_nusd} />
          </dd>
          <dt className="text-muted">Upcoming charges</dt>
          <dd className="text-right font-semibold">
            {upcoming ? <Money nanoUsd={upcoming.expected_nusd} /> : "none on this plan"}
          </dd>
        </dl>
        {range && <p className="text-xs text-muted">{range} at the end of the month</p>}
        <Link to="/billing/$team/usage" params={{ team: card.team }} className={buttonClass("primary")}>
          View usage
        </Link>
      </Card>
    </section>
  );
}
