import { useNavigate } from "@tanstack/react-router";
import { Legend } from "~/components/charts/Legend";
import { StackedBars } from "~/components/charts/StackedBars";
import { Money, Tokens } from "~/components/Figures";
import { Tile } from "~/components/Page";
import { count } from "~/lib/format";
import { periodsOf, plain, type RangeSearch, type Span, within } from "./ranges";
import type { Group, Metric, Narrow, RequestsSearch } from "./search";
import { UsageTables } from "./UsageTables";
import { METRIC_LABELS, OTHERS, tick, type UsageView, written } from "./usage";

interface UsageFiguresProps {
  team: string;
  view: UsageView;
  span: Span;
  by: Group;
  metric: Metric;
  only: Narrow;
  onZoom: (range: RangeSearch) => void;
  /** Narrow to one of the groups. */
  onOnly: (key: string) => void;
}

/** A report: its totals, bars, and tables. Bars and rows open the requests that they are made of. */
export function UsageFigures(props: UsageFiguresProps) {
  const { team, view, span, by, metric, only, onZoom, onOnly } = props;
  const navigate = useNavigate();
  const periods = periodsOf(span);
  /** The requests of a period (null: of the whole span) and a group; the rest has no filter of its own. */
  const requestsOf = (period: number | null, group: string | null): RequestsSearch => {
    const at = period === null ? undefined : periods[period];
    const moments = at ? within(at, span) : { since: plain(span.since), until: plain(span.until) };
    return { ...moments, ...only, ...(group !== null && group !== OTHERS ? { [by]: group } : {}) };
  };
  const open = (period: number, group: string | null) =>
    void navigate({
      to: "/billing/$team/requests",
      params: { team },
      search: requestsOf(period, group) as never,
    });
  return (
    <>
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
        <Tile label="Cost">
          <Money nanoUsd={view.total.cost} />
        </Tile>
        <Tile label="Tokens" note={`${count(view.total.cached)} from the cache`}>
          <Tokens value={view.total.input + view.total.output} />
        </Tile>
        <Tile label="Requests">{count(view.total.requests)}</Tile>
        <Tile label="Not answered" note="failed, refused or interrupted">
          {count(view.total.errors)}
        </Tile>
      </div>
      <figure className="flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-raised p-3">
        <StackedBars
          label={`${METRIC_LABELS[metric]} by ${span.grain} and ${by}`}
          bars={view.bars}
          series={view.series}
          rest={OTHERS}
          format={(bar, series) => written(view.cell(bar, series), metric)}
          formatTick={(value) => tick(value, metric)}
          verb="show its requests"
          onOpen={(bar, series) =>
            open(
              periods.findIndex((one) => one.key === bar.key),
              series?.key ?? null,
            )
          }
          onZoom={(first, last) => {
            const [from, to] = [first, last].map((bar) => periods.find((one) => one.key === bar.key));
            if (from && to) onZoom({ since: within(from, span).since, until: within(to, span).until });
          }}
        />
        <Legend series={view.series} rest={OTHERS} onChoose={onOnly} />
        <figcaption className="text-xs text-muted">
          Click a bar to see its requests; drag over bars to zoom in. Times are UTC.
        </figcaption>
      </figure>
      <UsageTables team={team} view={view} by={by} requestsOf={requestsOf} />
    </>
  );
}
