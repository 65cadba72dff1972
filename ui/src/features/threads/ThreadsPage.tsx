import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Thread } from "~/api/weave/threads";
import { buttonClass } from "~/components/Button";
import { CodeBlock } from "~/components/Copy";
import { Dialog } from "~/components/Dialog";
import { Ago } from "~/components/Figures";
import type { GridColumn } from "~/components/grid/columns";
import { Grid } from "~/components/grid/Grid";
import { Page } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { EmptyState, ErrorState, SkeletonRows } from "~/components/States";
import { count, duration } from "~/lib/format";
import { threadsQuery } from "./queries";
import { SORTS, type ThreadsSearch } from "./search";
import { ThreadView } from "./ThreadView";

interface ThreadsPageProps {
  team: string;
  project: string;
  search: ThreadsSearch;
  onSearch: (search: ThreadsSearch) => void;
}

const COLUMNS: GridColumn<Thread>[] = [
  {
    id: "thread_id",
    header: "Thread",
    cell: (thread) => <span className="text-accent">{thread.thread_id}</span>,
    title: (thread) => thread.thread_id,
    sortable: true,
    width: 340,
    pinned: true,
  },
  {
    id: "turn_count",
    header: "Turns",
    cell: (thread) => count(thread.turn_count),
    sortable: true,
    numeric: true,
    width: 90,
  },
  {
    id: "start_time",
    header: "Started",
    cell: (thread) => <Ago at={thread.start_time} />,
    sortable: true,
    width: 150,
  },
  {
    id: "last_updated",
    header: "Last updated",
    cell: (thread) => <Ago at={thread.last_updated} />,
    sortable: true,
    width: 150,
  },
  {
    id: "p50_turn_duration_ms",
    header: "Turn takes (median)",
    cell: ({ p50_turn_duration_ms: ms }) => (ms === null ? "" : duration(ms / 1000)),
    sortable: true,
    numeric: true,
    width: 170,
  },
];

const PYTHON = `import weave

weave.init("PLACE")

@weave.op
def answer(question: str) -> str:
    return "..."

with weave.thread("conversation-1"):
    answer("Hello")`;

/** Conversations: what was traced under one thread, turn by turn. */
export function ThreadsPage({ team, project, search, onSearch }: ThreadsPageProps) {
  const of = `${team}/${project}`;
  const query = useInfiniteQuery(threadsQuery(of, search));
  const threads = query.data?.pages.flat() ?? [];
  const { thread, ...listed } = search;
  const sort = { by: search.sort ?? "last_updated", descending: !search.rising };
  const reach = (index: number) => {
    if (index >= threads.length - 20 && query.hasNextPage && !query.isFetching) void query.fetchNextPage();
  };
  return (
    <Page
      title="Threads"
      lead="Conversations of this project: calls that name the same thread, turn by turn."
      wide
      actions={<TracesLink team={team} project={project} />}
    >
      <SearchField
        label="Search names and what was said"
        text={search.q ?? ""}
        onSearch={(q) => onSearch({ ...ordered(sort.by, sort.descending), ...(q && { q }) })}
      />
      {query.isPending ? (
        <SkeletonRows rows={8} />
      ) : query.error && threads.length === 0 ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Grid
          label="Threads"
          columns={COLUMNS}
          rows={threads}
          rowKey={(one) => one.thread_id}
          rowName={(one) => one.thread_id}
          sort={sort}
          onSort={({ by, descending }) =>
            onSearch({ ...ordered(by, descending), ...(search.q && { q: search.q }) })
          }
          onOpen={(one) => onSearch({ ...listed, thread: one.thread_id })}
          openKey={thread ?? null}
          onReach={reach}
          empty={
            search.q ? (
              <EmptyState title={`No thread has “${search.q}” in it`}>
                Names of threads are looked through, and what went into turns and came out.
              </EmptyState>
            ) : (
              <NoThreads of={of} />
            )
          }
        />
      )}
      {thread !== undefined && (
        <Dialog open onClose={() => onSearch(listed)} title={`Thread ${thread}`} drawer>
          <ThreadView key={thread} team={team} project={project} thread={thread} />
        </Dialog>
      )}
    </Page>
  );
}

function ordered(by: string, descending: boolean): ThreadsSearch {
  const sort = SORTS.find((one) => one === by);
  return {
    ...(sort && sort !== "last_updated" && { sort }),
    ...(!descending && { rising: true as const }),
  };
}

function TracesLink({ team, project }: { team: string; project: string }) {
  return (
    <Link to="/$team/$project/weave/traces" params={{ team, project }} className={buttonClass()}>
      All traces
    </Link>
  );
}

function NoThreads({ of }: { of: string }) {
  return (
    <div className="flex flex-col gap-3">
      <EmptyState title="No threads yet">
        Calls made within <code>weave.thread(...)</code> become the turns of a conversation.
      </EmptyState>
      <CodeBlock label="Python" code={PYTHON.replace("PLACE", of)} />
    </div>
  );
}
