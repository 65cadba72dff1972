import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "~/components/Button";
import { Loaded, Skeleton } from "~/components/States";
import { count } from "~/lib/format";
import type { Question } from "../table/question";
import { PlotCard } from "./PlotCard";
import { PlotEditor } from "./PlotEditor";
import { DEFAULTS, MOST_PLOTS, type Plot, pathsOf } from "./plot";
import { SAMPLE, sampleQuery } from "./sample";
import { binnedOf, isOfAll, wholeQuery } from "./whole";

interface PlotsPaneProps {
  project: string;
  question: Question;
  /** Undefined: those that are shown by themselves. */
  plots: Plot[] | undefined;
  onPlots: (plots: Plot[] | undefined) => void;
  /** A span of time was marked: milliseconds since 1970. */
  onSpan: (from: number, to: number) => void;
}

/** What the table's calls come to, drawn: of all of them where the server adds them up, or of the newest; it says which. */
export function PlotsPane({ project, question, plots = DEFAULTS, onPlots, onSpan }: PlotsPaneProps) {
  const sample = useQuery(sampleQuery(project, question, pathsOf(plots)));
  const summed = plots.filter(isOfAll);
  const isSample = (sample.data?.length ?? 0) >= SAMPLE;
  const whole = useQuery({
    ...wholeQuery(project, question, summed),
    enabled: isSample && !sample.isPlaceholderData && summed.length > 0,
  });
  const wholeOf = (plot: Plot) => {
    const drawn = isSample && !whole.isPlaceholderData && whole.data?.plots[summed.indexOf(plot)];
    return drawn ? binnedOf(plot, drawn) : null;
  };
  const isWhole = plots.every((plot) => plot.kind === "scatter" || wholeOf(plot) !== null);
  const [edited, setEdited] = useState<number | null>(null);
  const navigate = useNavigate();
  const [team = "", name = ""] = project.split("/");
  const open = (callId: string) =>
    void navigate({ to: "/$team/$project/r/call/$callId", params: { team, project: name, callId } });
  const set = (at: number, plot: Plot | null) =>
    onPlots(plots.flatMap((one, place) => (place === at ? (plot ?? []) : one)));
  return (
    <section aria-label="Metrics" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <span className="flex-1 text-xs text-muted">
          {sample.data && told(sample.data.length, whole, isWhole)} Drag in a plot over time to narrow the
          table to that span.
        </span>
        {plots !== DEFAULTS && (
          <Button small onClick={() => onPlots(undefined)}>
            Usual plots
          </Button>
        )}
        <Button small disabled={plots.length >= MOST_PLOTS} onClick={() => setEdited(plots.length)}>
          <Plus aria-hidden className="size-3.5" /> Add plot
        </Button>
      </div>
      <Loaded query={sample} loading={<Skeleton className="h-64" />}>
        {(calls) => (
          <div
            aria-busy={sample.isPlaceholderData || undefined}
            className="grid gap-3 aria-busy:opacity-60 lg:grid-cols-2"
          >
            {plots.map((plot, at) => (
              <PlotCard
                key={JSON.stringify(plot)}
                plot={plot}
                calls={calls}
                whole={wholeOf(plot)}
                onSpan={onSpan}
                onOpen={open}
                onEdit={() => setEdited(at)}
                onRemove={() => set(at, null)}
              />
            ))}
          </div>
        )}
      </Loaded>
      {edited !== null && (
        <PlotEditor
          plot={plots[edited] ?? null}
          onClose={() => setEdited(null)}
          onSave={(plot) => {
            if (edited < plots.length) set(edited, plot);
            else onPlots([...plots, plot]);
            setEdited(null);
          }}
        />
      )}
    </section>
  );
}

interface Whole {
  data?: { calls: number | null } | undefined;
  isFetching: boolean;
}

function told(length: number, whole: Whole, isWhole: boolean): string {
  if (length < SAMPLE) return `Of ${count(length)} calls.`;
  const newest = `the newest ${count(SAMPLE)} calls of the table`;
  if (whole.isFetching) return `Of ${newest}; all of them are being added up.`;
  const calls = whole.data?.calls ?? null;
  if (calls === null) return `Of ${newest}.`;
  if (isWhole) return `Bars and lines of all ${count(calls)} calls, points of the newest ${count(SAMPLE)}.`;
  return `Bars and lines of all ${count(calls)} calls; by user or of a path, and points, of the newest ${count(SAMPLE)}.`;
}
