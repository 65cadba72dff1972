import { type FormEvent, useState } from "react";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Checkbox, Select, TextField } from "~/components/Field";
import { AGGREGATES, aggregatesOf, BINS, FIGURES, GROUPS, MOST_BINS, type Plot, TIME } from "./plot";

interface PlotEditorProps {
  /** Null for a new one. */
  plot: Plot | null;
  onClose: () => void;
  onSave: (plot: Plot) => void;
}

const NEW: Plot = { kind: "scatter", x: TIME, y: "latency" };
const PATH = "path";
const FIELDS = [
  ...Object.entries(FIGURES).map(([value, label]) => ({ value, label })),
  { value: PATH, label: "A path..." },
];
const BY = Object.entries(GROUPS).map(([value, label]) => ({ value, label }));

/** What a plot shows: figures, axis, groups, bins, and how calls are summed up. */
export function PlotEditor({ plot, onClose, onSave }: PlotEditorProps) {
  const [draft, setDraft] = useState<Plot>(plot ?? NEW);
  const change = (changed: Partial<Plot>) => setDraft({ ...draft, ...changed });
  const isBinned = draft.kind !== "scatter";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { aggregates, bins, ...rest } = draft;
    onSave(isBinned ? { ...rest, aggregates: aggregatesOf(draft), ...(bins && { bins }) } : rest);
  };
  const axis = [{ value: TIME, label: "Time" }, ...(draft.kind === "bar" ? BY : []), ...FIELDS];
  return (
    <Dialog open onClose={onClose} title={plot ? "Change plot" : "Add plot"}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Select
          label="Kind"
          value={draft.kind}
          options={[
            { value: "scatter", label: "Scatter: a point for each call" },
            { value: "line", label: "Line: calls in bins" },
            { value: "bar", label: "Bar: calls in bins or groups" },
          ]}
          onChange={(kind) => {
            const x = kind !== "bar" && draft.x in GROUPS ? TIME : draft.x;
            change({ kind: kind as Plot["kind"], x });
          }}
        />
        <FieldChoice label="Y" value={draft.y} options={FIELDS} onChange={(y) => change({ y })} />
        <FieldChoice label="X" value={draft.x} options={axis} onChange={(x) => change({ x })} />
        <Select
          label="Group by"
          value={draft.group ?? ""}
          options={[{ value: "", label: "Nothing" }, ...BY]}
          onChange={(group) => {
            const { group: _, ...rest } = draft;
            setDraft(group ? { ...rest, group } : rest);
          }}
        />
        {isBinned && (
          <>
            <fieldset className="flex flex-wrap gap-x-4 gap-y-1.5">
              <legend className="mb-1 font-medium">Summed up by</legend>
              {AGGREGATES.map((how) => (
                <Checkbox
                  key={how}
                  label={how}
                  checked={aggregatesOf(draft).includes(how)}
                  onChange={(on) => {
                    const others = aggregatesOf(draft).filter((one) => one !== how);
                    change({ aggregates: draft.kind === "bar" ? [how] : on ? [...others, how] : others });
                  }}
                />
              ))}
            </fieldset>
            <TextField
              label="Bins"
              type="number"
              min={2}
              max={MOST_BINS}
              value={String(draft.bins ?? BINS)}
              onChange={(event) =>
                change({ bins: Math.min(MOST_BINS, Math.max(2, Number(event.target.value) || 2)) })
              }
            />
          </>
        )}
        <TextField
          label="Title"
          value={draft.title ?? ""}
          hint="Made of the rest if empty."
          onChange={(event) => change({ title: event.target.value })}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={!draft.y || !draft.x}>
            {plot ? "Save" : "Add"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldChoiceProps {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (field: string) => void;
}

/** One of the known figures, or a path that somebody writes. */
function FieldChoice({ label, value, options, onChange }: FieldChoiceProps) {
  const isKnown = options.some((option) => option.value === value && value !== PATH);
  return (
    <div className="flex flex-col gap-2">
      <Select
        label={label}
        value={isKnown ? value : PATH}
        options={options}
        onChange={(next) => onChange(next === PATH ? "output." : next)}
      />
      {!isKnown && (
        <TextField
          label={`Path of ${label}`}
          hideLabel
          value={value}
          placeholder="output.score"
          maxLength={300}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </div>
  );
}
