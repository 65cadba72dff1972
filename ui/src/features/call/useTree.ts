import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { pathTo, type Rows, rowsOf } from "./rows";
import type { Trace } from "./tree";

export interface Tree {
  rows: Rows;
  closed: ReadonlySet<number>;
  setClosed: (closed: ReadonlySet<number>) => void;
  /** Where the chosen call stands among the rows in sight; -1 if it does not. */
  at: number;
}

/** The rows of a trace in sight: what is closed, and what the filter leaves. The chosen call is always in sight. */
export function useTree(trace: Trace, typed: string, chosen: number): Tree {
  const [closed, setClosed] = useState<ReadonlySet<number>>(() => new Set());
  const filter = useDeferredValue(typed);
  useEffect(() => {
    const above = pathTo(trace, chosen);
    setClosed((all) =>
      above.some((one) => all.has(one)) ? new Set([...all].filter((one) => !above.includes(one))) : all,
    );
  }, [trace, chosen]);
  const rows = useMemo(() => rowsOf(trace, closed, filter), [trace, closed, filter]);
  const at = useMemo(() => rows.calls.indexOf(chosen), [rows, chosen]);
  return { rows, closed, setClosed, at };
}
