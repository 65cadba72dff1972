import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { questionOf, specsQuery } from "~/api/weave/annotations";
import type { QueueWanted } from "~/api/weave/queues";
import { refOf } from "~/api/weave/refs";
import { Button } from "~/components/Button";
import { Checkbox, TextArea, TextField } from "~/components/Field";
import { Loaded } from "~/components/States";
import { NewQuestion } from "./NewQuestion";

interface QueueFieldsProps {
  /** `team/project`. */
  of: string;
  value: QueueWanted;
  onChange: (value: QueueWanted) => void;
}

/** What a queue is: its name, what those who judge are told, and what they are asked. */
export function QueueFields({ of, value, onChange }: QueueFieldsProps) {
  const change = (changed: Partial<QueueWanted>) => onChange({ ...value, ...changed });
  return (
    <div className="flex flex-col gap-4">
      <TextField
        label="Name"
        maxLength={1_024}
        value={value.name}
        onChange={(event) => change({ name: event.target.value })}
      />
      <TextArea
        label="Guidelines"
        hint="What those who judge should look at."
        value={value.description}
        onChange={(event) => change({ description: event.target.value })}
      />
      <Questions of={of} refs={value.scorer_refs} onChange={(scorer_refs) => change({ scorer_refs })} />
    </div>
  );
}

interface QuestionsProps {
  of: string;
  refs: string[];
  onChange: (refs: string[]) => void;
}

function Questions({ of, refs, onChange }: QuestionsProps) {
  const specs = useQuery(specsQuery(of));
  const [isWriting, setIsWriting] = useState(false);
  const named = (name: string) => refs.find((ref) => refOf(ref)?.name === name);
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">Questions</legend>
      <Loaded query={specs}>
        {(found) => (
          <>
            {found.length === 0 && !isWriting && (
              <p className="text-muted">
                This project has no questions yet. Write one here, or publish an <code>AnnotationSpec</code>{" "}
                from Python.
              </p>
            )}
            {found.map((spec) => {
              const question = questionOf(spec);
              const chosen = named(spec.name);
              return (
                <Checkbox
                  key={spec.name}
                  label={question.label}
                  hint={question.description}
                  checked={chosen !== undefined}
                  onChange={(isOn) =>
                    onChange(isOn ? [...refs, spec.ref] : refs.filter((ref) => ref !== chosen))
                  }
                />
              );
            })}
            {isWriting ? (
              <NewQuestion
                of={of}
                taken={found.map((spec) => spec.name)}
                onMade={(ref) => {
                  setIsWriting(false);
                  onChange([...refs, ref]);
                }}
                onCancel={() => setIsWriting(false)}
              />
            ) : (
              <Button small className="self-start" onClick={() => setIsWriting(true)}>
                <Plus aria-hidden className="size-3.5" />
                New question
              </Button>
            )}
          </>
        )}
      </Loaded>
    </fieldset>
  );
}
