import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { publishQuestion, specsQuery } from "~/api/weave/annotations";
import { objectName } from "~/api/weave/datasets";
import { Button } from "~/components/Button";
import { Select, TextArea, TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { NO_QUESTION, type QuestionDraft, type QuestionKind, schemaOf } from "./draft";

interface NewQuestionProps {
  of: string;
  /** Objects' names that are questions already. */
  taken: string[];
  onMade: (ref: string) => void;
  onCancel: () => void;
}

const KINDS: { value: QuestionKind; label: string }[] = [
  { value: "yes-no", label: "Yes or no" },
  { value: "choice", label: "One of a few options" },
  { value: "number", label: "A number" },
  { value: "text", label: "A text" },
];

/** A question, written and published as the client's `AnnotationSpec`. */
export function NewQuestion({ of, taken, onMade, onCancel }: NewQuestionProps) {
  const [draft, setDraft] = useState(NO_QUESTION);
  const queries = useQueryClient();
  const change = (changed: Partial<QuestionDraft>) => setDraft({ ...draft, ...changed });
  const id = objectName(draft.name);
  const schema = schemaOf(draft);
  const problem = taken.includes(id) ? "There is a question of this name." : null;
  const publish = useMutation({
    mutationFn: () =>
      publishQuestion(of, id, {
        name: draft.name.trim(),
        description: draft.description,
        schema: schema ?? {},
      }),
    onSuccess: async (ref) => {
      await queries.invalidateQueries({ queryKey: specsQuery(of).queryKey });
      onMade(ref);
    },
  });
  return (
    <fieldset className="flex flex-col gap-3 rounded-md border border-line bg-panel p-3">
      <legend className="sr-only">New question</legend>
      <TextField
        label="Question"
        placeholder="Is it right?"
        maxLength={100}
        value={draft.name}
        error={problem}
        onChange={(event) => change({ name: event.target.value })}
      />
      <Select
        label="Answer"
        value={draft.kind}
        options={KINDS}
        onChange={(kind) => change({ kind: kind as QuestionKind })}
      />
      {draft.kind === "choice" && (
        <TextArea
          label="Options"
          hint="One a line, two or more."
          rows={3}
          value={draft.options}
          onChange={(event) => change({ options: event.target.value })}
        />
      )}
      {draft.kind === "number" && (
        <div className="flex gap-3 *:flex-1">
          <TextField
            label="From"
            hint="Empty: no bound."
            inputMode="decimal"
            value={draft.least}
            onChange={(event) => change({ least: event.target.value })}
          />
          <TextField
            label="To"
            hint="Empty: no bound."
            inputMode="decimal"
            value={draft.most}
            onChange={(event) => change({ most: event.target.value })}
          />
        </div>
      )}
      <TextField
        label="What it means"
        hint="For those who answer; may stay empty."
        maxLength={1_000}
        value={draft.description}
        onChange={(event) => change({ description: event.target.value })}
      />
      {publish.error && <ErrorState error={publish.error} />}
      <div className="flex gap-2">
        <Button
          busy={publish.isPending}
          disabled={id === "" || !schema || problem !== null}
          onClick={() => publish.mutate()}
        >
          Publish question
        </Button>
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </fieldset>
  );
}
