import { useQuery } from "@tanstack/react-query";
import { IntervalLine } from "~/components/charts/IntervalLine";
import { Select } from "~/components/Field";
import { Card, Section, Tile } from "~/components/Page";
import { EmptyState, Loaded, Skeleton } from "~/components/States";
import { Segmented } from "~/components/Tabs";
import type { Place } from "~/lib/place";
import { type Origin, type ScoreSeries, seriesQuery } from "./queries";
import { readingsOf } from "./readings";
import type { ScoresSearch } from "./search";
import { figureName, figureText, mainFigure, valueText } from "./words";

const RANGES: { value: string; label: string }[] = [
  { value: "1", label: "Hour" },
  { value: "24", label: "Day" },
  { value: "168", label: "Week" },
  { value: "720", label: "Month" },
];

interface ScoresProps {
  place: Place;
  origin: Origin;
  search: ScoresSearch;
  onSearch: (search: ScoresSearch) => void;
  /** What to do where there is nothing yet. */
  empty: string;
}

/** What scorers said over time: one figure at a time, with its interval and how many results it is of. */
export function Scores({ place, origin, search, onSearch, empty }: ScoresProps) {
  const hours = search.hours ?? 24;
  const series = useQuery(seriesQuery(place, origin, hours));
  return (
    <Section
      title="Scores over time"
      actions={
        <Segmented
          label="Range"
          value={String(hours)}
          options={RANGES}
          onChange={(value) => onSearch({ ...search, hours: Number(value) })}
        />
      }
    >
      <Loaded query={series} loading={<Skeleton className="h-72 w-full" />}>
        {(found) =>
          found.figures.length === 0 ? (
            <EmptyState title="No scores in this time">{empty}</EmptyState>
          ) : (
            <Chart series={found} search={search} onSearch={onSearch} />
          )
        }
      </Loaded>
    </Section>
  );
}

type ChartProps = Pick<ScoresProps, "search" | "onSearch"> & { series: ScoreSeries };

function Chart({ series, search, onSearch }: ChartProps) {
  const { figures } = series;
  const shown = figures.find((one) => figureName(one) === search.figure) ?? mainFigure(figures);
  if (!shown) return null;
  const name = figureName(shown);
  return (
    <Card className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-48">
          <Select
            label="Figure"
            value={name}
            options={figures.map((one) => ({ value: figureName(one), label: figureName(one) }))}
            onChange={(figure) => onSearch({ ...search, figure })}
          />
        </div>
        <Tile label={shown.is_share ? "Share that is true" : "Mean"} note="95 % interval">
          {figureText(shown)}
        </Tile>
      </div>
      <IntervalLine
        label={`${name} over time: ${figureText(shown)}`}
        readings={readingsOf(series, shown)}
        isShare={shown.is_share}
        format={(value) => valueText(value, shown.is_share)}
      />
      <p className="text-xs text-muted">
        Points are {shown.is_share ? "shares" : "means"}, whiskers their 95 % intervals, bars how many
        results.
      </p>
    </Card>
  );
}
