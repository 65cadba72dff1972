import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import type { Call } from "~/api/weave/calls";
import { callName, statusOf } from "~/api/weave/told";
import { Button } from "~/components/Button";
import { ChatView } from "~/components/chat/ChatView";
import { Ago } from "~/components/Figures";
import { EmptyState, Loaded } from "~/components/States";
import { ValueView } from "~/components/value/ValueView";
import { duration, plural } from "~/lib/format";
import { inOrder, turnCountQuery, turnsQuery } from "./queries";
import { saidIn } from "./turns";
import { useFollow, useHeld } from "./useFollow";

interface ThreadViewProps {
  team: string;
  project: string;
  thread: string;
}

/** One conversation: its turns on one side, what was said on the other; each follows the other. */
export function ThreadView({ team, project, thread }: ThreadViewProps) {
  const of = `${team}/${project}`;
  const query = useInfiniteQuery(turnsQuery(of, thread));
  const total = useQuery(turnCountQuery(of, thread));
  const pages = query.data?.pages;
  const turns = useMemo(() => inOrder(pages ?? []), [pages]);
  return (
    <Loaded query={query}>
      {() =>
        turns.length === 0 ? (
          <EmptyState title="This thread has no turns">They may have been deleted since.</EmptyState>
        ) : (
          <Turns
            team={team}
            project={project}
            turns={turns}
            before={Math.max(0, (total.data ?? turns.length) - turns.length)}
            onEarlier={query.hasNextPage ? () => void query.fetchNextPage() : null}
            isBusy={query.isFetchingNextPage}
          />
        )
      }
    </Loaded>
  );
}

interface TurnsProps {
  team: string;
  project: string;
  turns: Call[];
  /** How many turns there are before these. */
  before: number;
  /** Asks for those; null if there are none. */
  onEarlier: (() => void) | null;
  isBusy: boolean;
}

function Turns({ team, project, turns, before, onEarlier, isBusy }: TurnsProps) {
  const pane = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(turns.at(-1)?.id ?? "");
  useFollow(pane, turns, setAt);
  useHeld(pane, turns);
  const go = (id: string) => {
    setAt(id);
    document.getElementById(`turn-${id}`)?.scrollIntoView({ block: "start" });
  };
  return (
    <div className="flex h-full min-h-0 flex-col gap-3 sm:flex-row">
      <nav aria-label="Turns" className="max-h-32 shrink-0 overflow-auto sm:max-h-none sm:w-44">
        {onEarlier && (
          <Button small className="mb-1 w-full" busy={isBusy} onClick={onEarlier}>
            {before > 0 ? plural(before, "earlier turn") : "Earlier turns"}
          </Button>
        )}
        <ol className="flex flex-col">
          {turns.map((turn, number) => (
            <li key={turn.id}>
              <button
                type="button"
                aria-current={turn.id === at ? "true" : undefined}
                onClick={() => go(turn.id)}
                className={`w-full rounded px-2 py-1 text-left text-xs ${
                  turn.id === at ? "bg-accent-soft" : "hover:bg-hover"
                }`}
              >
                <span className="block truncate">
                  {before + number + 1}. {callName(turn)}
                </span>
                <Ago at={turn.started_at} />
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <div ref={pane} className="min-h-0 min-w-0 flex-1 overflow-auto [overflow-anchor:none]">
        {turns.map((turn, number) => (
          <Turn key={turn.id} team={team} project={project} turn={turn} number={before + number + 1} />
        ))}
      </div>
    </div>
  );
}
interface TurnProps {
  team: string;
  project: string;
  turn: Call;
  number: number;
}

function Turn({ team, project, turn, number }: TurnProps) {
  const chat = saidIn(turn);
  const took = turn.summary?.weave?.latency_ms;
  return (
    <section id={`turn-${turn.id}`} aria-label={`Turn ${number}`} className="mb-6 flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line pb-1 text-xs text-muted">
        <Link
          to="/$team/$project/r/call/$callId"
          params={{ team, project, callId: turn.id }}
          className="font-medium text-accent hover:underline"
        >
          {callName(turn)}
        </Link>
        <span>{statusOf(turn)}</span>
        {typeof took === "number" && <span>{duration(took / 1000)}</span>}
        <span className="ml-auto">
          <Ago at={turn.started_at} />
        </span>
      </div>
      {chat ? (
        <ChatView chat={chat} />
      ) : (
        <>
          <ValueView label={`Inputs of turn ${number}`} value={turn.inputs ?? {}} />
          {turn.ended_at && <ValueView label={`Output of turn ${number}`} value={turn.output ?? null} />}
        </>
      )}
    </section>
  );
}
