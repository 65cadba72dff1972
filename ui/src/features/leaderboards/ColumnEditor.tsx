import { ArrowDown, ArrowUp, CopyPlus, Trash2 } from "lucide-react";
import { refOf } from "~/api/weave/refs";
import { IconButton } from "~/components/Button";
import { Select } from "~/components/Field";
import { plural } from "~/lib/format";
import { choiceOf, pathsOf, scorersOf, withChosen, withEvaluation, withScorer } from "./editor";
import type { Choice, ColumnWire } from "./queries";

interface ColumnEditorProps {
  index: number;
  count: number;
  column: ColumnWire;
  choices: Choice[];
  onChange: (column: ColumnWire) => void;
  onMove: (by: number) => void;
  onDuplicate: () => void;
  onDelete: () => void;
}

/** One column: evaluation, version, scorer, metric, and which way is better. */
export function ColumnEditor(props: ColumnEditorProps) {
  const { index, count, column, choices, onChange } = props;
  const choice = choiceOf(choices, column.evaluation_object_ref);
  const name = choice?.name ?? refOf(column.evaluation_object_ref)?.name ?? "";
  const scorers = withChosen(scorersOf(choice), column.scorer_name);
  const paths = withChosen(pathsOf(choice, column.scorer_name), column.summary_metric_path);
  const said = `Column ${index + 1}`;
  return (
    <fieldset aria-label={said} className="rounded-lg border border-line p-3">
      <div className="mb-2 flex items-center gap-1">
        <span className="flex-1 text-xs font-medium text-muted">{said}</span>
        <IconButton
          label={`Move column ${index + 1} up`}
          disabled={index === 0}
          onClick={() => props.onMove(-1)}
        >
          <ArrowUp aria-hidden className="size-4" />
        </IconButton>
        <IconButton
          label={`Move column ${index + 1} down`}
          disabled={index === count - 1}
          onClick={() => props.onMove(1)}
        >
          <ArrowDown aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={`Duplicate column ${index + 1}`} onClick={props.onDuplicate}>
          <CopyPlus aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={`Delete column ${index + 1}`} onClick={props.onDelete}>
          <Trash2 aria-hidden className="size-4" />
        </IconButton>
      </div>
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-5">
        <Select
          label="Evaluation"
          value={name}
          options={plainOptions(
            withChosen(
              choices.map((one) => one.name),
              name,
            ),
          )}
          onChange={(wanted) => {
            const next = choices.find((one) => one.name === wanted);
            if (next) onChange(withEvaluation(column, next));
          }}
        />
        <Select
          label="Version"
          value={column.evaluation_object_ref}
          options={versionOptions(choice, column.evaluation_object_ref)}
          onChange={(ref) => onChange({ ...column, evaluation_object_ref: ref })}
        />
        <Select
          label="Scorer"
          value={column.scorer_name}
          options={plainOptions(scorers)}
          onChange={(scorer) => onChange(withScorer(column, choice, scorer))}
        />
        <Select
          label="Metric"
          value={column.summary_metric_path}
          options={plainOptions(paths)}
          onChange={(path) => onChange({ ...column, summary_metric_path: path })}
        />
        <Select
          label="Better is"
          value={column.should_minimize ? "lower" : "higher"}
          options={[
            { value: "higher", label: "Higher" },
            { value: "lower", label: "Lower" },
          ]}
          onChange={(way) => onChange({ ...column, should_minimize: way === "lower" })}
        />
      </div>
    </fieldset>
  );
}

function plainOptions(values: string[]): { value: string; label: string }[] {
  return values.map((value) => ({ value, label: value || "(the value itself)" }));
}

function versionOptions(choice: Choice | undefined, chosen: string) {
  const known = (choice?.versions ?? []).map((version, at) => ({
    value: version.ref,
    label: `${version.version} · ${plural(version.runs, "run")}${at === 0 ? " · newest" : ""}`,
  }));
  if (chosen === "" || known.some((one) => one.value === chosen)) return known;
  return [{ value: chosen, label: `${refOf(chosen)?.digest.slice(0, 6) ?? "other"} · no runs` }, ...known];
}
