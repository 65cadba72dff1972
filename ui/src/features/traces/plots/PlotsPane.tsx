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

interface PlotsPaneProps {
  project: string;
  question: Question;
  /** Undefined: those that are shown by themselves. */
  plots: Plot[] | undefined;
  onPlots: (plots: Plot[] | undefined) => void;
  /** A span of time was marked: milliseconds since 1970. */
  onSpan: (from: number, to: number) => void;
}

/** What the table's calls come to, drawn: of as many as fit into a sample, and it says so. */
export function PlotsPane({ project, question, plots = DEFAULTS, onPlots, onSpan }: PlotsPaneProps) {
  const sample = useQuery(sampleQuery(project, question, pathsOf(plots)));
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
          {sample.data && told(sample.data.length)} Drag in a plot over time to narrow the table to that span.
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
          <div className="grid gap-3 lg:grid-cols-2">
            {plots.map((plot, at) => (
              <PlotCard
                key={JSON.stringify(plot)}
                plot={plot}
                calls={calls}
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

function told(length: number): string {
  if (length >= SAMPLE) return `Of the newest ${count(SAMPLE)} calls of the table.`;
  return `Of ${count(length)} calls.`;
}
