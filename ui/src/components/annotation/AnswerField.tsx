import type { Question } from "~/api/weave/annotations";
import { Select, TextField } from "~/components/Field";
import { Segmented } from "~/components/Tabs";

interface AnswerFieldProps {
  question: Question;
  /** What was typed; of a choice, the option's number. */
  typed: string;
  onTyped: (typed: string) => void;
  /** A few options all stand in sight, to be chosen with one key. */
  inSight?: boolean;
}

const IN_SIGHT = 9;

/** One question, and the field for its answer. */
export function AnswerField({ question, typed, onTyped, inSight }: AnswerFieldProps) {
  const { answer, label, description } = question;
  if (answer.is === "choice" && inSight && answer.options.length <= IN_SIGHT)
    return (
      <div className="flex flex-col gap-1">
        <span className="font-medium">{label}</span>
        <Segmented
          label={label}
          value={typed}
          options={answer.options.map((option, at) => ({ value: String(at), label: option.label }))}
          onChange={onTyped}
        />
        {description && <span className="text-xs text-muted">{description}</span>}
      </div>
    );
  if (answer.is === "choice")
    return (
      <Select
        label={label}
        hint={description}
        value={typed}
        onChange={onTyped}
        options={[
          { value: "", label: "Choose…" },
          ...answer.options.map((option, at) => ({ value: String(at), label: option.label })),
        ]}
      />
    );
  const isNumber = answer.is === "number";
  return (
    <TextField
      label={label}
      hint={isNumber ? `${description} ${range(answer.min, answer.max)}`.trim() : description}
      inputMode={isNumber ? "decimal" : "text"}
      maxLength={answer.is === "text" ? answer.most : 40}
      value={typed}
      onChange={(event) => onTyped(event.target.value)}
    />
  );
}

function range(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `${min} or more`;
  return max === undefined ? "" : `${max} or less`;
}
