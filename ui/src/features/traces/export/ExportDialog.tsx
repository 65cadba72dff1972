import { useState } from "react";
import type { CallsAsked } from "~/api/weave/calls";
import { Button } from "~/components/Button";
import { CodeBlock } from "~/components/Copy";
import { Dialog } from "~/components/Dialog";
import { ErrorState } from "~/components/States";
import { Segmented } from "~/components/Tabs";
import { bytes, count, plural } from "~/lib/format";
import type { Question } from "../table/question";
import { FORMATS, type Format } from "./run";
import { curlOf, pythonOf } from "./snippets";
import { useExport } from "./useExport";
import { askedOf, fileColumns } from "./values";

interface ExportDialogProps {
  project: string;
  question: Question;
  /** How many calls match; null if that is not known. */
  total: number | null;
  /** The table's columns. */
  cols: string[];
  /** The calls that are selected; null: all that match. */
  selected: string[] | null;
  onClose: () => void;
}

const IDS = 1_000;
const CODES = [
  { value: "python" as const, label: "Python" },
  { value: "curl" as const, label: "curl" },
];

/** Takes calls elsewhere: as a file, or by a program that fetches the same. */
export function ExportDialog({ project, question, total, cols, selected, onClose }: ExportDialogProps) {
  const [format, setFormat] = useState<Format>("csv");
  const [what, setWhat] = useState<"table" | "whole">("table");
  const [code, setCode] = useState<"python" | "curl">("python");
  const { progress, start, cancel } = useExport(project);
  const chosen = what === "table" ? cols : null;
  const asked = questions(question, selected).map((one) => ({ ...one, ...askedOf(chosen) }));
  const most = selected ? selected.length : total;
  const isRunning = progress.state === "running";
  const name = `${project.replace("/", "-")}-traces.${format}`;
  const [first] = asked;
  return (
    <Dialog
      open
      onClose={onClose}
      title={selected ? `Export ${plural(selected.length, "call")}` : "Export all calls that match"}
      wide
      actions={
        isRunning ? (
          <Button onClick={cancel}>Cancel the export</Button>
        ) : (
          <>
            <Button onClick={onClose}>Close</Button>
            <Button kind="primary" onClick={() => void start(asked, fileColumns(chosen), format, name)}>
              Download {FORMATS.find((one) => one.value === format)?.label}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap gap-x-6 gap-y-3">
          <Segmented label="Format" value={format} options={FORMATS} onChange={setFormat} />
          <Segmented
            label="Columns"
            value={what}
            options={[
              { value: "table", label: "The table’s columns" },
              { value: "whole", label: "Whole calls" },
            ]}
            onChange={setWhat}
          />
        </div>
        <p className="text-muted">
          {most === null ? "The calls" : plural(most, "call")}, in the table’s order. They are written as they
          come, so that the page holds a few megabytes of them at most
          {format === "parquet" && ", and 5,000 calls: a group of rows"}; the file itself is the browser’s,
          which may put it on disk.
        </p>
        <div aria-live="polite">
          {isRunning && (
            <>
              <progress
                aria-label="Export"
                className="h-1.5 w-full"
                {...(most !== null && { value: Math.min(progress.rows, most), max: Math.max(most, 1) })}
              />
              <p>
                {count(progress.rows)} {most === null ? "calls" : `of ${plural(most, "call")}`} ·{" "}
                {bytes(progress.bytes)}
              </p>
            </>
          )}
          {progress.state === "done" && (
            <p className="text-good">
              {plural(progress.rows, "call")} exported, {bytes(progress.bytes)}.
            </p>
          )}
        </div>
        {progress.state === "failed" && <ErrorState error={progress.error} />}
        {first && (
          <section aria-label="The same by a program" className="flex flex-col gap-2">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <h2 className="text-base">The same by a program</h2>
              <Segmented label="Language" value={code} options={CODES} onChange={setCode} />
            </div>
            <CodeBlock
              label={code === "python" ? "Python" : "curl"}
              code={(code === "python" ? pythonOf : curlOf)(window.location.origin, project, first)}
            />
            {asked.length > 1 && (
              <p className="text-xs text-muted">
                At most {count(IDS)} calls are asked for by their ids at once: these are the first.
              </p>
            )}
          </section>
        )}
      </div>
    </Dialog>
  );
}

/** What is asked, one after the other: the table's question, or the selected calls in the table's order. */
function questions({ filter, query, sort_by }: Question, selected: string[] | null): CallsAsked[] {
  if (selected === null) return [{ filter, query, sort_by }];
  const asked: CallsAsked[] = [];
  for (let at = 0; at < selected.length; at += IDS)
    asked.push({ filter: { call_ids: selected.slice(at, at + IDS) }, sort_by });
  return asked;
}
