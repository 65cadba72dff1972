import { Select, TextField } from "~/components/Field";
import { type Filter, secondsOf, textOf } from "./filters";
import { SPANS } from "./spans";

interface ValueEditorProps {
  filter: Filter;
  choices: { value: string; label: string }[] | null;
  onChange: (value: string | string[]) => void;
}

/** What a field is compared with. */
export function ValueEditor({ filter, choices, onChange }: ValueEditorProps) {
  const { op } = filter;
  const text = textOf(filter.value);
  if (op === "is")
    return (
      <Select
        label="Value"
        value={text}
        options={[
          { value: "", label: "Choose" },
          { value: "true", label: "true" },
          { value: "false", label: "false" },
        ]}
        onChange={onChange}
      />
    );
  if (op === "after" || op === "before") return <MomentEditor text={text} onChange={onChange} />;
  if (choices && (op === "equals" || op === "does not equal"))
    return (
      <Select
        label="Value"
        value={text}
        options={[{ value: "", label: "Choose" }, ...choices]}
        onChange={onChange}
      />
    );
  if (op === "in")
    return (
      <TextField
        label="Values"
        hint="With commas between them."
        maxLength={4000}
        defaultValue={text}
        onChange={(event) => onChange(event.target.value.split(",").map((one) => one.trim()))}
      />
    );
  const isNumber = ["=", "!=", "<", "<=", ">", ">="].includes(op);
  return (
    <TextField
      label="Value"
      inputMode={isNumber ? "decimal" : undefined}
      error={isNumber && text !== "" && !Number.isFinite(Number(text)) ? "Write a number." : null}
      maxLength={1000}
      value={Array.isArray(filter.value) ? text : (filter.value ?? "")}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** A span before now, or a moment in the reader's own time zone. */
function MomentEditor({ text, onChange }: { text: string; onChange: (value: string) => void }) {
  const span = SPANS.find((one) => one.value === text);
  const at = span || text === "" ? null : secondsOf(text, new Date());
  return (
    <div className="flex flex-col gap-3">
      <Select
        label="When"
        value={span?.value ?? ""}
        options={[
          { value: "", label: "A moment" },
          ...SPANS.map(({ value, label }) => ({ value, label: `${label} ago` })),
        ]}
        onChange={onChange}
      />
      {!span && (
        <TextField
          label="Moment"
          type="datetime-local"
          step={1}
          defaultValue={at === null ? "" : localOf(new Date(at * 1000))}
          onChange={(event) => {
            const moment = new Date(event.target.value);
            onChange(Number.isNaN(moment.getTime()) ? "" : moment.toISOString());
          }}
        />
      )}
    </div>
  );
}

/** A moment as the browser's own field wants it. */
function localOf(moment: Date): string {
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
