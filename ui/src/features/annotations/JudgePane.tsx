import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { QueueItem } from "~/api/weave/queues";
import { AnswerField } from "~/components/annotation/AnswerField";
import { Button, IconButton } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { lineOf } from "~/components/value/text";
import type { Place } from "~/lib/place";
import { answersQuery, questionNameOf } from "./queries";
import type { WorkInHand } from "./useWork";

interface JudgePaneProps {
  place: Place;
  item: QueueItem;
  work: WorkInHand;
  mayWrite: boolean;
  canSkip: boolean;
  onPrevious: (() => void) | null;
  onNext: (() => void) | null;
}

/** The questions about a call, with what was answered before, and the way to the next one. */
export function JudgePane({ place, item, work, mayWrite, canSkip, onPrevious, onNext }: JudgePaneProps) {
  return (
    <div className="flex flex-col gap-4 rounded-lg border border-line bg-raised p-3 lg:sticky lg:top-4">
      {work.values.length === 0 ? (
        <p className="text-muted">This queue asks nothing yet: edit it to choose questions.</p>
      ) : (
        <fieldset disabled={!mayWrite} className="flex flex-col gap-4">
          <legend className="sr-only">Questions</legend>
          {work.values.map(({ question, text }) => (
            <AnswerField
              key={question.name}
              question={question}
              typed={text}
              onTyped={(next) => work.type(question.name, next)}
              inSight
            />
          ))}
        </fieldset>
      )}
      {mayWrite ? (
        <div className="flex flex-wrap gap-2">
          <Button
            kind="primary"
            className="flex-1"
            busy={work.isBusy}
            disabled={!work.isReady}
            onClick={() => work.finish("completed")}
          >
            Done
          </Button>
          <Button disabled={!canSkip || work.isBusy} onClick={() => work.finish("skipped")}>
            Skip
          </Button>
        </div>
      ) : (
        <p className="text-xs text-muted">You may look, but not answer: members of the team do.</p>
      )}
      <div className="flex items-center justify-between gap-2 border-t border-line pt-2 text-xs text-muted">
        <span className="leading-5 pointer-coarse:hidden">
          <Kbd>J</Kbd> <Kbd>K</Kbd> to move, <Kbd>1</Kbd>–<Kbd>9</Kbd> to choose, <Kbd>S</Kbd> to skip,{" "}
          <Kbd>Ctrl Enter</Kbd> when done
        </span>
        <span className="flex">
          <IconButton label="Previous call" disabled={!onPrevious} onClick={() => onPrevious?.()}>
            <ChevronLeft aria-hidden className="size-4" />
          </IconButton>
          <IconButton label="Next call" disabled={!onNext} onClick={() => onNext?.()}>
            <ChevronRight aria-hidden className="size-4" />
          </IconButton>
        </span>
      </div>
      <Answers of={`${place.team}/${place.project}`} callId={item.call_id} work={work} />
    </div>
  );
}

function Kbd({ children }: { children: string }) {
  return <kbd className="rounded border border-line bg-panel px-1 font-mono text-2xs">{children}</kbd>;
}

/** What people answered about the call. */
function Answers({ of, callId, work }: { of: string; callId: string; work: WorkInHand }) {
  const answers = useQuery(answersQuery(of, callId));
  if (!answers.data || answers.data.length === 0) return null;
  const labels = new Map(work.values.map(({ question }) => [question.name, question.label]));
  return (
    <section aria-label="Answers so far" className="flex flex-col gap-1.5 border-t border-line pt-2">
      <h2 className="text-xs font-medium text-muted">Answers so far</h2>
      <ul className="flex flex-col gap-1.5">
        {answers.data.map((one) => {
          const name = questionNameOf(one);
          const { value } = one.payload;
          return (
            <li key={one.id} className="flex items-baseline gap-2 text-xs">
              <span className="min-w-0 flex-1 break-words">
                <span className="text-muted">{labels.get(name) ?? name}</span>{" "}
                {typeof value === "boolean" ? (value ? "Yes" : "No") : lineOf(value)}
              </span>
              <span className="shrink-0 text-muted">
                {one.creator} <Ago at={one.created_at} />
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
