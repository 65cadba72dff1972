import { Button } from "~/components/Button";
import { Select, TextArea, TextField } from "~/components/Field";
import { Card } from "~/components/Page";
import { PLAIN_KINDS, type ScorerForm } from "./scorerForm";

interface ScorerCardProps {
  scorer: ScorerForm;
  judges: string[];
  onChange: (scorer: ScorerForm) => void;
  onRemove: () => void;
}

/** One scorer and its fields. */
export function ScorerCard({ scorer, judges, onChange, onRemove }: ScorerCardProps) {
  const set = (changed: Partial<ScorerForm>) => onChange({ ...scorer, ...changed });
  const title = scorer.name || "Scorer";
  return (
    <Card>
      <fieldset aria-label={title} className="flex min-w-0 flex-col gap-3">
        <div className="flex items-center justify-between gap-2">
          <span className="font-medium break-all">{title}</span>
          <Button small kind="quiet" aria-label={`Remove ${title}`} onClick={onRemove}>
            Remove
          </Button>
        </div>
        {scorer.kind === "kept" ? (
          <p className="text-muted">Stays as it is published.</p>
        ) : scorer.kind === "judge" ? (
          <JudgeFields scorer={scorer} judges={judges} set={set} />
        ) : (
          <PlainFields scorer={scorer} set={set} />
        )}
      </fieldset>
    </Card>
  );
}

type Set = (changed: Partial<ScorerForm>) => void;

function JudgeFields({ scorer, judges, set }: { scorer: ScorerForm; judges: string[]; set: Set }) {
  const known = scorer.model && !judges.includes(scorer.model) ? [scorer.model, ...judges] : judges;
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-3">
        <TextField label="Name" value={scorer.name} onChange={(event) => set({ name: event.target.value })} />
        <Select
          label="Model"
          value={scorer.model}
          options={known.map((id) => ({ value: id, label: id }))}
          onChange={(model) => set({ model })}
        />
        <TextField
          label="Tokens of its answer"
          inputMode="numeric"
          value={scorer.maxTokens}
          onChange={(event) => set({ maxTokens: event.target.value })}
        />
      </div>
      <TextArea
        label="Prompt"
        rows={8}
        className="font-mono text-xs"
        hint="{output}, {inputs} and each input by its name are filled in; {{ and }} are braces. Answers are JSON: what is true, false or a number in them is charted."
        value={scorer.prompt}
        onChange={(event) => set({ prompt: event.target.value })}
      />
    </>
  );
}

function PlainFields({ scorer, set }: { scorer: ScorerForm; set: Set }) {
  const plain = PLAIN_KINDS.find((one) => one.kind === scorer.kind);
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <TextField
        label="Name"
        hint={plain?.hint}
        value={scorer.name}
        onChange={(event) => set({ name: event.target.value })}
      />
      {plain?.detail &&
        (scorer.kind === "JSONSchemaScorer" ? (
          <TextArea
            label={plain.detail}
            className="font-mono text-xs"
            value={scorer.detail}
            onChange={(event) => set({ detail: event.target.value })}
          />
        ) : (
          <TextField
            label={plain.detail}
            value={scorer.detail}
            onChange={(event) => set({ detail: event.target.value })}
          />
        ))}
    </div>
  );
}
