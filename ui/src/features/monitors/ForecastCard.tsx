import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { asApiError } from "~/api/errors";
import { Money } from "~/components/Figures";
import { Card } from "~/components/Page";
import { short } from "~/lib/format";
import { nusd } from "~/lib/money";
import type { Place } from "~/lib/place";
import { type Forecast, forecastQuery, type MonitorWanted } from "./queries";

const WAIT_MS = 700;

/** What the monitor would judge and cost a day, by the traffic of the last days; null: the form is not whole yet. */
export function ForecastCard({ place, wanted }: { place: Place; wanted: MonitorWanted | null }) {
  const text = wanted === null ? "" : JSON.stringify({ ...wanted, description: "", rules: [] });
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const forecast = useQuery(forecastQuery(place, asked ? (JSON.parse(asked) as MonitorWanted) : null));
  return (
    <Card className="flex flex-col gap-2">
      <h2 className="text-base">A day, by the last seven</h2>
      <div aria-live="polite" className="flex flex-col gap-2">
        {wanted === null ? (
          <p className="text-muted">Add a scorer to see what it would judge and cost.</p>
        ) : forecast.error ? (
          <p className="break-words text-bad">{asApiError(forecast.error).message}</p>
        ) : forecast.data ? (
          <Figures forecast={forecast.data} />
        ) : (
          <p className="text-muted">Working it out …</p>
        )}
      </div>
    </Card>
  );
}

function Figures({ forecast }: { forecast: Forecast }) {
  const likely = nusd(forecast.likely_nusd_per_day);
  return (
    <>
      {forecast.problem && <p className="text-warn">{forecast.problem}</p>}
      <dl className="grid grid-cols-[1fr_auto] gap-x-3 gap-y-1">
        <dt className="text-muted">Calls of these ops</dt>
        <dd className="text-right">{short(forecast.calls_per_day)}</dd>
        <dt className="text-muted">Judged</dt>
        <dd className="text-right">{short(forecast.judged_per_day)}</dd>
        <dt className="text-muted">Likely cost</dt>
        <dd className="text-right">
          <Money nanoUsd={likely} />
        </dd>
        <dt className="text-muted">At the very most</dt>
        <dd className="text-right">
          <Money nanoUsd={forecast.worst_nusd_per_day} />
        </dd>
      </dl>
      <p className="text-xs text-muted">
        From {forecast.sampled} of the newest calls; likely means 120 tokens an answer.
      </p>
    </>
  );
}
