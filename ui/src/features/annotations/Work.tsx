import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Queue } from "~/api/weave/queues";
import { buttonClass } from "~/components/Button";
import { EmptyState, ErrorState, Skeleton } from "~/components/States";
import type { Place } from "~/lib/place";
import { ItemList } from "./ItemList";
import { ItemPane } from "./ItemPane";
import { itemsIn, nextOpen } from "./items";
import { itemsQuery, questionsQuery } from "./queries";
import type { Shown } from "./search";

interface WorkProps {
  place: Place;
  queue: Queue;
  shown: Shown;
  mayWrite: boolean;
  itemId: string | null;
  onItem: (id: string) => void;
}

/** Before so many are left, more are asked for. */
const NEAR = 20;

/** The items of a queue beside the one that is judged. */
export function Work({ place, queue, shown, mayWrite, itemId, onItem }: WorkProps) {
  const of = `${place.team}/${place.project}`;
  const query = useInfiniteQuery(itemsQuery(of, queue.id, shown));
  const questions = useQuery(questionsQuery(of, queue));
  const items = itemsIn(query.data?.pages ?? []);
  const at = Math.max(
    0,
    items.findIndex((one) => one.id === itemId),
  );
  const { hasNextPage, isFetching, fetchNextPage } = query;
  useEffect(() => {
    if (items.length > 0 && at >= items.length - NEAR && hasNextPage && !isFetching) void fetchNextPage();
  }, [at, items.length, hasNextPage, isFetching, fetchNextPage]);
  const item = items[at];
  if (query.isPending || questions.isPending) return <Skeleton className="h-96" />;
  if (query.error && !query.data)
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!questions.data) return <ErrorState error={questions.error} onRetry={() => void questions.refetch()} />;
  if (!item) return <Nothing place={place} shown={shown} />;
  const go = (step: number) => {
    const next = items[at + step];
    if (next) onItem(next.id);
  };
  return (
    <div className="grid min-w-0 gap-4 lg:grid-cols-[13rem_minmax(0,1fr)]">
      <ItemList
        items={items}
        current={item.id}
        onItem={onItem}
        isMore={hasNextPage}
        onMore={() => void fetchNextPage()}
      />
      <ItemPane
        key={item.id}
        place={place}
        queue={queue}
        shown={shown}
        item={item}
        questions={questions.data}
        mayWrite={mayWrite}
        onPrevious={at > 0 ? () => go(-1) : null}
        onNext={at < items.length - 1 ? () => go(1) : null}
        onDone={() => {
          const next = nextOpen(items, at);
          if (next) onItem(next.id);
          return next !== null;
        }}
      />
    </div>
  );
}

function Nothing({ place, shown }: { place: Place; shown: Shown }) {
  const traces = (
    <Link to="/$team/$project/weave/traces" params={place} className={buttonClass()}>
      Go to Traces
    </Link>
  );
  if (shown === "done")
    return <EmptyState title="Nothing is done yet">Judge the calls that are to do.</EmptyState>;
  return (
    <EmptyState
      title={shown === "todo" ? "Nothing to do here" : "No calls in this queue yet"}
      action={traces}
    >
      {shown === "todo" ? "Somebody is done with every call of this queue. " : ""}Select calls in Traces and
      choose “Add to queue” to put more in.
    </EmptyState>
  );
}
