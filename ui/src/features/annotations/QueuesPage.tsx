import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Queue, QueueStats } from "~/api/weave/queues";
import { Button, buttonClass } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { count } from "~/lib/format";
import type { Place } from "~/lib/place";
import { QueueDialog } from "./QueueDialog";
import { queuesQuery, statsQuery } from "./queries";
import { Standing } from "./Standing";

interface QueuesPageProps {
  place: Place;
  /** Whether the caller may change something here. */
  mayWrite: boolean;
  /** What is looked for in names. */
  text: string;
  onSearch: (text: string) => void;
  onOpen: (id: string) => void;
}

/** A project's annotation queues, and how far each is. */
export function QueuesPage({ place, mayWrite, text, onSearch, onOpen }: QueuesPageProps) {
  const of = `${place.team}/${place.project}`;
  const [isMaking, setIsMaking] = useState(false);
  const queues = useQuery(queuesQuery(of, text));
  const ids = (queues.data ?? []).map((queue) => queue.id);
  const stats = useQuery({ ...statsQuery(of, ids), enabled: ids.length > 0 });
  const action = mayWrite && (
    <Button kind="primary" onClick={() => setIsMaking(true)}>
      New queue
    </Button>
  );
  return (
    <Page
      title="Annotation queues"
      lead="Calls for people to judge, one after the other. What they answer is feedback on the call."
      actions={action}
      wide
    >
      <SearchField label="Search by name" text={text} onSearch={onSearch} />
      <Loaded query={queues}>
        {(found) => (
          <Table
            label="Annotation queues"
            columns={columnsOf(place, new Map(stats.data?.map((one) => [one.queue_id, one])))}
            rows={found}
            rowKey={(queue) => queue.id}
            empty={
              text ? (
                <EmptyState title={`No queue has “${text}” in its name`} />
              ) : (
                <EmptyState title="No annotation queues yet" action={action}>
                  Make one, then select calls in{" "}
                  <Link to="/$team/$project/weave/traces" params={place} className="text-accent underline">
                    Traces
                  </Link>{" "}
                  and choose “Add to queue”.
                </EmptyState>
              )
            }
          />
        )}
      </Loaded>
      {isMaking && (
        <QueueDialog
          of={of}
          onClose={() => setIsMaking(false)}
          onDone={(id) => {
            setIsMaking(false);
            onOpen(id);
          }}
        />
      )}
    </Page>
  );
}

function columnsOf(place: Place, stats: Map<string, QueueStats>): Column<Queue>[] {
  return [
    {
      id: "name",
      header: "Name",
      cell: (queue) => (
        <span className="flex max-w-xl min-w-0 flex-col">
          <Link
            to="/$team/$project/weave/annotation-queues/$queueId"
            params={{ ...place, queueId: queue.id }}
            className="font-medium break-words text-accent hover:underline"
          >
            {queue.name}
          </Link>
          <span className="line-clamp-1 text-xs text-muted">{queue.description}</span>
        </span>
      ),
    },
    {
      id: "standing",
      header: "Progress",
      cell: (queue) => <Standing name={queue.name} stats={stats.get(queue.id)} />,
    },
    {
      id: "questions",
      header: "Questions",
      numeric: true,
      hideBelow: "md",
      cell: (queue) => count(queue.scorer_refs.length),
    },
    { id: "made", header: "Made", hideBelow: "sm", cell: (queue) => <Ago at={queue.created_at} /> },
    {
      id: "work",
      header: "Judge",
      hideHeader: true,
      hideBelow: "sm",
      cell: (queue) => (
        <Link
          to="/$team/$project/weave/annotation-queues/$queueId"
          params={{ ...place, queueId: queue.id }}
          aria-label={`Judge ${queue.name}`}
          className={buttonClass("plain", true)}
        >
          Judge
        </Link>
      ),
    },
  ];
}
