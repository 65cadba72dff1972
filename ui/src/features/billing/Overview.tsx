import { useQuery } from "@tanstack/react-query";
import type { Schema } from "~/api/client";
import { Money } from "~/components/Figures";
import { Tile } from "~/components/Page";
import { Loaded, Skeleton } from "~/components/States";
import { nusd, usd } from "~/lib/money";
import { Alerts } from "./Alerts";
import { Credits } from "./Credits";
import { InferenceCard } from "./InferenceCard";
import { Invoices } from "./Invoices";
import { PlanDetails } from "./PlanDetails";
import { Purchases } from "./Purchases";
import { billingQuery } from "./queries";
import { SpendChart } from "./SpendChart";
import { ThisMonth } from "./ThisMonth";
import { rangeText } from "./words";

interface OverviewProps {
  team: string;
  now: Date;
}

/** A team's money at a glance, for its admins. The card of inference stands in the bottom right corner. */
export function Overview({ team, now }: OverviewProps) {
  const billing = useQuery(billingQuery(team));
  return (
    <Loaded query={billing} loading={<OverviewSkeleton />}>
      {(card) => (
        <>
          <Tiles card={card} />
          <div className="grid grid-cols-1 items-stretch gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
            <div className="flex min-w-0 flex-col gap-6">
              <ThisMonth card={card} />
              <SpendChart team={team} now={now} />
              <Credits card={card} />
              <Purchases team={team} card={card} />
              <Invoices team={team} month={card.month.month} />
            </div>
            <div className="flex min-w-0 flex-col gap-6">
              <PlanDetails card={card} />
              <Alerts card={card} />
              <div className="mt-auto">
                <InferenceCard card={card} />
              </div>
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}

function Tiles({ card }: { card: Schema<"BillingCard"> }) {
  const { month, upcoming } = card;
  const owed = nusd(card.owed_nusd);
  return (
    <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
      <Tile
        label="Credit left"
        note={card.reserved_nusd === "0" ? "" : `${usd(nusd(card.reserved_nusd))} reserved by open requests`}
      >
        <Money nanoUsd={card.credit_nusd} />
      </Tile>
      <Tile label="Spent this month">
        <Money nanoUsd={month.spent_nusd} />
      </Tile>
      <Tile
        label="Forecast of the month"
        note={rangeText(month.forecast_low_nusd, month.forecast_high_nusd) ?? "range known after three days"}
      >
        <Money nanoUsd={month.forecast_nusd} />
      </Tile>
      <Tile
        label={upcoming ? "Upcoming charges" : "Owed"}
        note={upcoming ? `${usd(owed)} of it owed already` : "this plan stops when credit ends"}
      >
        <Money nanoUsd={upcoming ? upcoming.expected_nusd : card.owed_nusd} />
      </Tile>
    </div>
  );
}

function OverviewSkeleton() {
  return (
    <div role="status" aria-label="Loading billing" className="flex flex-col gap-6">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
        {["credit", "spent", "forecast", "upcoming"].map((key) => (
          <Skeleton key={key} className="h-20 w-full" />
        ))}
      </div>
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <Skeleton className="h-96 w-full" />
        <Skeleton className="h-96 w-full" />
      </div>
    </div>
  );
}
