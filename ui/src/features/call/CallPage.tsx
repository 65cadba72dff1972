import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { Button } from "~/components/Button";
import { EmptyState, ErrorState, SkeletonRows } from "~/components/States";
import { CallDetails } from "./CallDetails";
import { traceQuery } from "./queries";
import type { CallSearch } from "./search";
import { TracePane } from "./TracePane";
import type { Trace } from "./tree";
import { useTree } from "./useTree";

export interface CallActions {
  /** Of a request in OpenAI's words. */
  openInPlayground: (request: unknown) => void;
  isOpening: boolean;
}

interface CallPageProps {
  team: string;
  project: string;
  id: string;
  search: CallSearch;
  actions: CallActions;
}

const AUTO_MS = 5_000;
/** Larger traces are asked for anew by hand. */
const AUTO_CALLS = 2_000;

/** A call in its trace: the tree on one side, all that is known of the call on the other. */
export function CallPage(props: CallPageProps) {
  const { team, project, id } = props;
  const of = `${team}/${project}`;
  // The trace stays the same while another of its calls is chosen.
  const [asked, setAsked] = useState(id);
  const query = useQuery({
    ...traceQuery(of, asked),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data && isGrowing(state.data) ? AUTO_MS : false),
  });
  const trace = query.data ?? null;
  const isHere = trace?.find(id) !== undefined;
  useEffect(() => {
    if (!isHere) setAsked(id);
  }, [id, isHere]);
  if (trace && isHere) return <WithTrace {...props} trace={trace} onRefresh={() => void query.refetch()} />;
  return (
    <div className="p-4 md:p-6">
      {query.isPending || query.isFetching ? (
        <SkeletonRows rows={12} label="Loading the trace" />
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <EmptyState
          title={`The call ${id} is not there`}
          action={<Button onClick={() => void query.refetch()}>Look again</Button>}
        >
          The client may still be sending it, or it was deleted: look again in a moment.
        </EmptyState>
      )}
    </div>
  );
}

function isGrowing({ count, outline }: Trace): boolean {
  const running = outline.statuses.indexOf("running");
  return running >= 0 && count <= AUTO_CALLS && outline.status.includes(running);
}

function WithTrace(props: CallPageProps & { trace: Trace; onRefresh: () => void }) {
  const { team, project, id, search, trace } = props;
  const navigate = useNavigate();
  const chosen = trace.find(id) ?? 0;
  const tree = useTree(trace, search.name ?? "", chosen);
  const choose = useCallback(
    (call: number) => {
      const callId = trace.outline.ids[call];
      if (callId === undefined || callId === id) return;
      void navigate({
        to: "/$team/$project/r/call/$callId",
        params: { team, project, callId },
        search: search as never,
        replace: true,
      });
    },
    [navigate, trace, team, project, id, search],
  );
  const onSearch = (change: Partial<Record<keyof CallSearch, string>>) =>
    void navigate({ to: ".", search: { ...search, ...change } as never, replace: true });
  useStep(tree.rows.calls, tree.at, choose);
  return (
    <div className="flex flex-col md:h-dvh md:flex-row">
      <div className="flex h-[45dvh] flex-col border-line max-md:border-b md:h-auto md:w-[42%] md:max-w-2xl md:border-r">
        <TracePane
          trace={trace}
          tree={tree}
          chosen={chosen}
          search={search}
          onSearch={onSearch}
          onChoose={choose}
          onRefresh={props.onRefresh}
        />
      </div>
      <CallDetails
        key={id}
        team={team}
        project={project}
        id={id}
        trace={trace}
        at={chosen}
        tab={search.tab ?? "call"}
        onTab={(tab) => onSearch({ tab })}
        actions={props.actions}
      />
    </div>
  );
}

/** Alt or Cmd with an arrow goes to the call above or below, wherever the focus is. */
function useStep(calls: readonly number[], at: number, choose: (call: number) => void): void {
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (!(event.altKey || event.metaKey) || event.ctrlKey || event.shiftKey) return;
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const to = step === undefined ? undefined : calls[at + step];
      if (to === undefined) return;
      event.preventDefault();
      choose(to);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [calls, at, choose]);
}
