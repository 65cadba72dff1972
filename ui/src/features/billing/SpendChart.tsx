import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { Legend } from "~/components/charts/Legend";
import { StackedBars } from "~/components/charts/StackedBars";
import { Card, Section } from "~/components/Page";
import { EmptyState, Loaded, Skeleton } from "~/components/States";
import { usageQuery } from "./queries";
import { periodsOf, spanOf, within } from "./ranges";
import { OTHERS, tick, viewOf, written } from "./usage";

interface SpendChartProps {
  team: string;
  now: Date;
}

/** The last 30 days by model. */
export function SpendChart({ team, now }: SpendChartProps) {
  const navigate = useNavigate();
  const span = useMemo(() => spanOf({ range: "30d" }, now), [now]);
  const report = useQuery(usageQuery(team, span, "model", {}));
  return (
    <Section
      title="Last 30 days"
      actions={
        <Link to="/billing/$team/usage" params={{ team }} className="text-xs text-accent hover:underline">
          More
        </Link>
      }
    >
      <Loaded query={report} loading={<Skeleton className="h-64 w-full" />}>
        {(data) => {
          if (data.rows.length === 0)
            return (
              <EmptyState title="Nothing was used yet">
                Send a request, from the Playground or with an API key; it shows here within a second.
              </EmptyState>
            );
          const periods = periodsOf(span);
          const view = viewOf(data.rows, periods, span.grain, "cost");
          return (
            <Card className="flex flex-col gap-3">
              <StackedBars
                label="Cost by day and model"
                height={200}
                bars={view.bars}
                series={view.series}
                rest={OTHERS}
                format={(bar, series) => written(view.cell(bar, series), "cost")}
                formatTick={(value) => tick(value, "cost")}
                verb="show its requests"
                onOpen={(bar, series) => {
                  const at = periods.find((one) => one.key === bar.key);
                  if (!at) return;
                  const model = series && series.key !== OTHERS ? { model: series.key } : {};
                  const search = { ...within(at, span), ...model };
                  void navigate({ to: "/billing/$team/requests", params: { team }, search: search as never });
                }}
              />
              <Legend series={view.series} rest={OTHERS} />
            </Card>
          );
        }}
      </Loaded>
    </Section>
  );
}
