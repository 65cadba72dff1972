import { type FormEvent, useState } from "react";
import { answerIn, type Question } from "~/api/weave/annotations";
import { AnswerField } from "~/components/annotation/AnswerField";
import { Button } from "~/components/Button";

interface AnnotateProps {
  question: Question;
  onAnswer: (value: unknown) => Promise<unknown>;
}

/** One question of the project's, and a place for the answer. */
export function Annotate({ question, onAnswer }: AnnotateProps) {
  const [typed, setTyped] = useState("");
  const value = answerIn(question.answer, typed);
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
        <AnswerField question={question} typed={typed} onTyped={setTyped} />
      </div>
      <Button
        type="submit"
        className="mt-6"
        disabled={value === undefined}
        aria-label={`Save ${question.label}`}
      >
        Save
      </Button>
    </form>
  );
}
