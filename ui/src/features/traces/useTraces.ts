import { useCallback, useEffect, useMemo, useState } from "react";
import { useLive } from "./live/useLive";
import { NEWEST, SIZE, type TracesSearch } from "./search";
import { type Question, questionOf } from "./table/question";
import { type Rows, useRows } from "./table/useRows";
import { type Chosen, useSelection } from "./table/useSelection";

export interface Traces {
  table: Rows;
  question: Question;
  chosen: Chosen;
  /** New calls that wait to be shown. */
  fresh: number;
  /** Whether the newest stand first. */
  isNewest: boolean;
  refresh: () => void;
  onTop: (isThere: boolean) => void;
}

/** The rows of a search, kept up to date as far as the reader wants. */
export function useTraces(project: string, search: TracesSearch): Traces {
  const [turn, setTurn] = useState({ count: 0, now: new Date() });
  const [atTop, setAtTop] = useState(true);
  const { size = SIZE, page = 1 } = search;
  const question = useMemo(() => questionOf(search, turn.now), [search, turn.now]);
  const table = useRows({ project, question, size, page, turn: turn.count });
  const chosen = useSelection(table.rows);
  const refresh = useCallback(() => setTurn(({ count }) => ({ count: count + 1, now: new Date() })), []);
  const isNewest = (search.sort ?? NEWEST) === NEWEST && page === 1;
  const isSettled = !table.isLoading && !table.isStale;
  const newest = isNewest ? (table.rows[0]?.started_at ?? EVER) : turn.now.toISOString();
  const fresh = useLive({
    project,
    question,
    rows: table.rows,
    cacheKey: table.cacheKey,
    since: isSettled ? newest : null,
    isOn: search.live === true,
  });
  // At the top new calls come by themselves; who reads further down, or has chosen some, says when.
  const follows = fresh > 0 && isNewest && atTop && chosen.keys.size === 0;
  useEffect(() => {
    if (follows) refresh();
  }, [follows, refresh]);
  return { table, question, chosen, fresh: follows ? 0 : fresh, isNewest, refresh, onTop: setAtTop };
}

const EVER = "1970-01-01T00:00:00Z";
