import { type FormEvent, useState } from "react";
import { Button } from "~/components/Button";
import { Select, TextField } from "~/components/Field";
import { answerIn, type Question } from "../feedback";

interface AnnotateProps {
  question: Question;
  onAnswer: (value: unknown) => Promise<unknown>;
}

/** One question of the project's, and a place for the answer. */
export function Annotate({ question, onAnswer }: AnnotateProps) {
  const [typed, setTyped] = useState("");
  const { answer, label, description } = question;
  const value = answerIn(answer, typed);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (value === undefined) return;
    // What was refused stays in the field.
    onAnswer(value).then(
      () => setTyped(""),
      () => undefined,
    );
  };
  return (
    <form onSubmit={submit} className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        {answer.is === "choice" ? (
          <Select
            label={label}
            hint={description}
            value={typed}
            onChange={setTyped}
            options={[
              { value: "", label: "Choose…" },
              ...answer.options.map((option, at) => ({ value: String(at), label: option.label })),
            ]}
          />
        ) : (
          <TextField
            label={label}
            hint={
              answer.is === "number" ? `${description} ${range(answer.min, answer.max)}`.trim() : description
            }
            inputMode={answer.is === "number" ? "decimal" : "text"}
            maxLength={answer.is === "text" ? answer.most : 40}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </div>
      <Button type="submit" className="mt-6" disabled={value === undefined} aria-label={`Save ${label}`}>
        Save
      </Button>
    </form>
  );
}

function range(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `${min} or more`;
  return max === undefined ? "" : `${max} or less`;
}
