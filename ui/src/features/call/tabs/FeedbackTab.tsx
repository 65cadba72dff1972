import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { asApiError } from "~/api/errors";
import { meQuery } from "~/api/queries";
import { questionOf, specsQuery } from "~/api/weave/annotations";
import type { Feedback } from "~/api/weave/calls";
import { type FeedbackWanted, giveFeedback, removeFeedback } from "~/api/weave/feedback";
import { callRef } from "~/api/weave/refs";
import { Button, IconButton } from "~/components/Button";
import { TextArea } from "~/components/Field";
import { Ago } from "~/components/Figures";
import { Section } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { toast } from "~/components/Toasts";
import { lineOf } from "~/components/value/text";
import { EMOJIS, isScore, NOTE, NOTE_CHARS, REACTION, wordsOf } from "../feedback";
import { feedbackQuery } from "../queries";
import { Annotate } from "./Annotate";

/** What people said of a call: reactions, notes and annotations; and a place to say more. */
export function FeedbackTab({ of, id }: { of: string; id: string }) {
  const queries = useQueryClient();
  const feedback = useQuery(feedbackQuery(of, id));
  const specs = useQuery(specsQuery(of));
  const options = {
    onSuccess: () => queries.invalidateQueries({ queryKey: feedbackQuery(of, id).queryKey }),
    onError: (error: Error) => toast(asApiError(error).message, "bad"),
  };
  const give = useMutation({
    mutationFn: (wanted: Omit<FeedbackWanted, "weave_ref">) =>
      giveFeedback(of, { weave_ref: callRef(of, id), ...wanted }),
    ...options,
  });
  const remove = useMutation({ mutationFn: (one: string) => removeFeedback(of, one), ...options });
  return (
    <div className="flex min-w-0 flex-col gap-6">
      <Section title="React">
        <fieldset aria-label="Reactions" className="flex flex-wrap gap-1.5">
          {EMOJIS.map((emoji) => (
            <Button
              key={emoji}
              aria-label={`React with ${emoji}`}
              onClick={() => give.mutate({ feedback_type: REACTION, payload: { emoji } })}
            >
              {emoji}
            </Button>
          ))}
        </fieldset>
        <NoteForm
          isBusy={give.isPending}
          onNote={(note) => give.mutateAsync({ feedback_type: NOTE, payload: { note } })}
        />
      </Section>
      {specs.data && specs.data.length > 0 && (
        <Section title="Annotate">
          {specs.data.map(questionOf).map((question) => (
            <Annotate
              key={question.name}
              question={question}
              onAnswer={(value) =>
                give.mutateAsync({
                  feedback_type: `wandb.annotation.${question.name}`,
                  payload: { value },
                  annotation_ref: question.ref,
                })
              }
            />
          ))}
        </Section>
      )}
      <Section title="Feedback">
        <Loaded query={feedback}>
          {(found) => (
            <FeedbackList all={found.filter((one) => !isScore(one))} onRemove={(one) => remove.mutate(one)} />
          )}
        </Loaded>
      </Section>
    </div>
  );
}

function NoteForm({ isBusy, onNote }: { isBusy: boolean; onNote: (note: string) => Promise<unknown> }) {
  const [typed, setTyped] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const note = typed.trim();
    if (note === "") return;
    // What was refused stays in the field.
    onNote(note).then(
      () => setTyped(""),
      () => undefined,
    );
  };
  return (
    <form onSubmit={submit} className="flex flex-col items-start gap-2 *:w-full">
      <TextArea
        label="Note"
        rows={2}
        maxLength={NOTE_CHARS}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        hint={`${typed.length} of ${NOTE_CHARS} characters`}
      />
      <span>
        <Button type="submit" busy={isBusy} disabled={typed.trim() === ""}>
          Add note
        </Button>
      </span>
    </form>
  );
}

function FeedbackList({ all, onRemove }: { all: Feedback[]; onRemove: (id: string) => void }) {
  const { data: me } = useQuery(meQuery);
  if (all.length === 0)
    return (
      <EmptyState title="No feedback yet">
        React, write a note, or send feedback from code (tab Use).
      </EmptyState>
    );
  return (
    <ul aria-label="Feedback" className="flex flex-col divide-y divide-line rounded-lg border border-line">
      {all.map((one) => {
        const { kind, value } = wordsOf(one);
        const who = one.creator || one.wb_user_id || "somebody";
        const isMine = me !== undefined && one.wb_user_id === me.id;
        return (
          <li key={one.id} className="flex items-start gap-3 px-3 py-2">
            <span className="w-24 shrink-0 text-xs break-words text-muted">{kind}</span>
            <span className="min-w-0 flex-1 break-words whitespace-pre-wrap">
              {typeof value === "string" ? value : lineOf(value)}
            </span>
            <span className="shrink-0 text-right text-xs text-muted">
              <span className="block">{isMine ? "you" : who}</span>
              <Ago at={one.created_at} />
            </span>
            {isMine ? (
              <IconButton label={`Remove your ${kind.toLowerCase()}`} onClick={() => onRemove(one.id)}>
                <Trash2 aria-hidden className="size-3.5" />
              </IconButton>
            ) : (
              <span className="w-7 shrink-0" />
            )}
          </li>
        );
      })}
    </ul>
  );
}
