import { Checkbox, Select, TextField } from "~/components/Field";
import { JsonEditor } from "~/components/JsonEditor";
import type { Draft, ScorerDraft } from "../draft/types";
import { needsTarget } from "../draft/wire";

interface PlainFormProps {
  scorer: ScorerDraft;
  draft: Draft;
  onChange: (changed: Partial<ScorerDraft>) => void;
}

/** The settings of a scorer that asks no model. */
export function PlainForm({ scorer, draft, onChange }: PlainFormProps) {
  const { kind } = scorer;
  return (
    <>
      {kind === "regex" && (
        <TextField
          label="Pattern"
          hint="As Python's re has it. Empty: the expected column holds a pattern for each row."
          value={scorer.pattern}
          maxLength={1000}
          spellCheck={false}
          className="font-mono"
          onChange={(event) => onChange({ pattern: event.target.value })}
        />
      )}
      {needsTarget(scorer) && <TargetSelect scorer={scorer} draft={draft} onChange={onChange} />}
      {(kind === "exact" || kind === "contains" || kind === "regex") && (
        <Checkbox
          label="Capital letters do not matter"
          checked={scorer.ignoreCase}
          onChange={(ignoreCase) => onChange({ ignoreCase })}
        />
      )}
      {kind === "numeric" && (
        <div className="grid grid-cols-2 items-end gap-2">
          <TextField
            label="May be off by"
            inputMode="decimal"
            maxLength={20}
            value={scorer.absolute}
            onChange={(event) => onChange({ absolute: event.target.value })}
          />
          <TextField
            label="or by percent"
            inputMode="decimal"
            maxLength={20}
            value={scorer.relative}
            onChange={(event) => onChange({ relative: event.target.value })}
          />
        </div>
      )}
      {kind === "json_schema" && (
        <JsonEditor
          label={`Schema of ${scorer.name}`}
          initial={scorer.schema}
          onChange={(schema) => onChange({ schema })}
        />
      )}
    </>
  );
}

/** The column that this scorer compares with. */
export function TargetSelect({ scorer, draft, onChange }: PlainFormProps) {
  const names = draft.dataset?.sheet?.columns.map((column) => column.name) ?? [];
  return (
    <Select
      label="Compared with"
      value={names.includes(scorer.target) ? scorer.target : ""}
      options={[
        { value: "", label: draft.target ? `${draft.target} (of the dataset)` : "The expected column" },
        ...names.filter((name) => name !== draft.target).map((name) => ({ value: name, label: name })),
      ]}
      onChange={(target) => onChange({ target })}
    />
  );
}
