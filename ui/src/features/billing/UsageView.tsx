import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useMemo } from "react";
import { buttonClass } from "~/components/Button";
import { EmptyState, Loaded, Skeleton } from "~/components/States";
import { Segmented } from "~/components/Tabs";
import { NarrowChips } from "./NarrowChips";
import { reportOf, usageQuery } from "./queries";
import { RangePicker } from "./RangePicker";
import { periodsOf, type RangeSearch, spanOf } from "./ranges";
import { GROUPS, type Group, METRICS, type Metric, type Narrow, narrow, type UsageSearch } from "./search";
import { UsageFigures } from "./UsageFigures";
import { GROUP_LABELS, METRIC_LABELS, viewOf } from "./usage";

interface UsageViewProps {
  team: string;
  search: UsageSearch;
  /** The present moment, fixed while the page is open so that its queries stay the same. */
  now: Date;
  /** Members see only their own use, so that grouping by user tells them nothing. */
  isAdmin: boolean;
  onSearch: (search: UsageSearch) => void;
}

/** Usage over time: what it is grouped by, the chart, and the table with the same figures. */
export function UsageView({ team, search, now, isAdmin, onSearch }: UsageViewProps) {
  const span = useMemo(() => spanOf(search, now), [search, now]);
  const by: Group = search.by ?? "model";
  const metric: Metric = search.metric ?? "cost";
  const only: Narrow = narrow({ ...search });
  const report = useQuery(usageQuery(team, span, by, only));
  const rest = (without: (keyof UsageSearch)[]) => {
    const left = { ...search };
    for (const key of without) delete left[key];
    return left;
  };
  const onRange = (range: RangeSearch) => onSearch({ ...rest(["range", "since", "until"]), ...range });
  const groups = GROUPS.filter((group) => isAdmin || group !== "user");
  const csv = new URLSearchParams({ ...reportOf(team, span, by, only), format: "csv" });
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-col gap-2">
        <RangePicker span={span} onChange={onRange} />
        <div className="flex flex-wrap items-center gap-2">
          <Segmented
            label="Group by"
            value={by}
            options={groups.map((value) => ({ value, label: GROUP_LABELS[value] }))}
            onChange={(value) => onSearch({ ...search, by: value })}
          />
          <Segmented
            label="Figure"
            value={metric}
            options={METRICS.map((value) => ({ value, label: METRIC_LABELS[value] }))}
            onChange={(value) => onSearch({ ...search, metric: value })}
          />
          <a className={`${buttonClass("plain", true)} ml-auto`} href={`/api/usage?${csv}`} download>
            <Download aria-hidden className="size-3.5" /> Export CSV
          </a>
        </div>
        <NarrowChips
          only={only}
          names={report.data?.filter_names ?? {}}
          onRemove={(key) => onSearch(rest([key]))}
        />
      </div>
      <Loaded query={report} loading={<UsageSkeleton />}>
        {(data) =>
          data.rows.length === 0 ? (
            <EmptyState title="Nothing was used in this time">
              Choose a longer time range, or take filters away. A request shows here within a second of its
              end.
            </EmptyState>
          ) : (
            <UsageFigures
              team={team}
              view={viewOf(data.rows, periodsOf(span), span.grain, metric)}
              span={span}
              by={by}
              metric={metric}
              only={only}
              onZoom={onRange}
              onOnly={(key) => onSearch({ ...search, [by]: key })}
            />
          )
        }
      </Loaded>
    </div>
  );
}

/** As tall as the figures that come. */
function UsageSkeleton() {
  return (
    <div role="status" aria-label="Loading usage" className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
        {["cost", "tokens", "requests", "errors"].map((key) => (
          <Skeleton key={key} className="h-16 w-full" />
        ))}
      </div>
      <Skeleton className="h-72 w-full" />
      <Skeleton className="h-48 w-full" />
    </div>
  );
}
