import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { Question } from "~/api/weave/annotations";
import type { Queue, QueueItem } from "~/api/weave/queues";
import { callName } from "~/api/weave/told";
import { Badge } from "~/components/Badge";
import { Ago } from "~/components/Figures";
import { EmptyState, Loaded, Skeleton } from "~/components/States";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { CallShown } from "./CallShown";
import { isDone, WORDS } from "./items";
import { JudgePane } from "./JudgePane";
import { keyOf } from "./keys";
import { judgedQuery } from "./queries";
import type { Shown } from "./search";
import { useWork } from "./useWork";

interface ItemPaneProps {
  place: Place;
  queue: Queue;
  shown: Shown;
  item: QueueItem;
  questions: Question[];
  mayWrite: boolean;
  /** Null where there is none. */
  onPrevious: (() => void) | null;
  onNext: (() => void) | null;
  /** Goes on; returns whether there was something to go on to. */
  onDone: () => boolean;
}

/** One item: the call as it is to be judged, and the questions about it. */
export function ItemPane(props: ItemPaneProps) {
  const { place, queue, item, questions, mayWrite, onPrevious, onNext } = props;
  const of = `${place.team}/${place.project}`;
  const call = useQuery(judgedQuery(of, item.call_id));
  const pane = useRef<HTMLElement>(null);
  useEffect(() => pane.current?.focus({ preventScroll: true }), []);
  const work = useWork({
    of,
    queue,
    shown: props.shown,
    item,
    questions,
    onDone: () => {
      if (!props.onDone()) toast("Somebody is done with all calls shown here.");
    },
  });
  const canSkip = mayWrite && !isDone(item);
  const onKeyDown = (event: KeyboardEvent) => {
    const wanted = keyOf(event.nativeEvent, questions);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.is === "next") onNext?.();
    if (wanted.is === "previous") onPrevious?.();
    if (wanted.is === "skip" && canSkip) work.finish("skipped");
    if (wanted.is === "done" && mayWrite && work.isReady) work.finish("completed");
    if (wanted.is === "choose" && mayWrite) {
      const asked = work.values.find(
        ({ question, value }) => question.answer.is === "choice" && value === undefined,
      );
      const last = work.values.findLast(({ question }) => question.answer.is === "choice");
      const name = (asked ?? last)?.question.name;
      if (name) work.type(name, String(wanted.option));
    }
  };
  return (
    <section
      ref={pane}
      aria-label={`Call ${item.position_in_queue ?? ""}`.trim()}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      className="grid min-w-0 items-start gap-4 outline-none lg:grid-cols-[minmax(0,1fr)_19rem]"
    >
      <div className="flex min-w-0 flex-col gap-3">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line pb-1.5 text-xs text-muted">
          <Link
            to="/$team/$project/r/call/$callId"
            params={{ ...place, callId: item.call_id }}
            className="text-sm font-medium break-all text-accent hover:underline"
          >
            {callName({ op_name: item.call_op_name })}
          </Link>
          <Badge tone={isDone(item) ? "good" : "plain"}>{WORDS[item.annotation_state]}</Badge>
          <span className="ml-auto">
            <Ago at={item.call_started_at} />
          </span>
        </div>
        <Loaded query={call} loading={<Skeleton className="h-64" />}>
          {(found) =>
            found ? (
              <CallShown call={found} fields={item.display_fields} />
            ) : (
              <EmptyState title="This call is not there any more">It was deleted: skip it.</EmptyState>
            )
          }
        </Loaded>
      </div>
      <JudgePane
        place={place}
        item={item}
        work={work}
        mayWrite={mayWrite}
        canSkip={canSkip}
        onPrevious={onPrevious}
        onNext={onNext}
      />
    </section>
  );
}
