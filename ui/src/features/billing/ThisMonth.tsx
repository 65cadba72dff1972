import type { Schema } from "~/api/client";
import { Ago, Meter, Money } from "~/components/Figures";
import { Card, Section } from "~/components/Page";
import { nusd, percent, usd } from "~/lib/money";
import { forecastText } from "./words";

const PERIODS = { day: "Daily", month: "Monthly", year: "Yearly", minute: "By the minute" };

/** What was spent against each cap, and what the month will come to. */
export function ThisMonth({ card }: { card: Schema<"BillingCard"> }) {
  return (
    <Section title="Spend against caps" lead={forecastText(card.month)}>
      <Card className="flex flex-col gap-4">
        {card.caps.length === 0 && (
          <p>
            No cap: this team may spend without bound. Set one under{" "}
            <a className="text-accent underline" href={`/settings/teams/${card.team}/limits`}>
              Limits and budgets
            </a>
            .
          </p>
        )}
        {card.caps.map((cap) => {
          const [spent, most] = [nusd(cap.spent_nusd), nusd(cap.max_nusd)];
          return (
            <div key={`${cap.period} ${cap.set_by}`} className="flex flex-col gap-1">
              <div className="flex flex-wrap justify-between gap-x-4">
                <span className="font-medium">{PERIODS[cap.period]} cap</span>
                <span>
                  <Money nanoUsd={spent} /> of <Money nanoUsd={most} />
                </span>
              </div>
              <Meter percent={percent(spent, most)} label={`${PERIODS[cap.period]} cap used`} />
              <div className="flex flex-wrap justify-between gap-x-4 text-xs text-muted">
                <span>{spent < most ? `${usd(most - spent)} left` : "reached: requests are refused"}</span>
                <span>
                  set by {cap.set_by}, resets <Ago at={cap.resets_at} />
                </span>
              </div>
            </div>
          );
        })}
      </Card>
    </Section>
  );
}
