import { type FormEvent, useId, useMemo, useState } from "react";
import { Button } from "~/components/Button";
import { Select, TextField } from "~/components/Field";
import { KNOWN, knownOf, labelOf } from "../table/known";
import type { Seen } from "../table/paths";
import { kindOf, startOf } from "./change";
import { conditionOf, type Filter, operatorsOf, takesValue } from "./filters";
import { ValueEditor } from "./ValueEditor";

interface FilterEditorProps {
  /** The one that is changed; null for a new one. */
  filter: Filter | null;
  seen: Seen[];
  onDone: (filter: Filter) => void;
}

/** Field, operator and value of a filter. */
export function FilterEditor({ filter, seen, onDone }: FilterEditorProps) {
  const [draft, setDraft] = useState<Filter>(filter ?? { field: "", op: "contains" });
  const [typed, setTyped] = useState(filter ? labelOf(filter.field) : "");
  const list = useId();
  const paths = useMemo(() => byName(seen), [seen]);
  const kind = kindOf(draft.field, seen);
  // A filter of another's making may ask what is not usual for its field.
  const usual = operatorsOf(kind);
  const operators = usual.includes(draft.op) ? usual : [...usual, draft.op];
  const whole = draft.field !== "" && conditionOf(draft, new Date()) !== null;
  const choose = (text: string) => {
    setTyped(text);
    const path = paths.get(text.toLowerCase()) ?? text.trim();
    if (path !== draft.field) setDraft(startOf(path, seen));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (whole) onDone(takesValue(draft.op) ? draft : { field: draft.field, op: draft.op });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextField
        label="Field"
        list={list}
        autoFocus
        required
        maxLength={1000}
        placeholder="inputs.model"
        hint="One of the list, or any dotted path into a call."
        value={typed}
        onChange={(event) => choose(event.target.value)}
      />
      <datalist id={list}>
        {[...KNOWN.map((one) => one.label), ...seen.map((one) => one.path)].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Select
        label="Condition"
        value={draft.op}
        options={operators.map((value) => ({ value, label: value }))}
        onChange={(op) => setDraft({ ...draft, op: op as Filter["op"] })}
      />
      {takesValue(draft.op) && (
        <ValueEditor
          filter={draft}
          choices={knownOf(draft.field)?.choices ?? null}
          onChange={(value) => setDraft({ ...draft, value })}
        />
      )}
      <div className="flex justify-end">
        <Button small kind="primary" type="submit" disabled={!whole}>
          {filter ? "Change" : "Add"}
        </Button>
      </div>
    </form>
  );
}

function byName(seen: Seen[]): Map<string, string> {
  return new Map([
    ...seen.map((one): [string, string] => [one.path.toLowerCase(), one.path]),
    ...KNOWN.map((one): [string, string] => [one.label.toLowerCase(), one.path]),
  ]);
}
