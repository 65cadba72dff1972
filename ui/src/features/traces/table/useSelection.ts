import { useState } from "react";
import type { Call } from "~/api/weave/calls";

export interface Chosen {
  keys: ReadonlySet<string>;
  calls: Call[];
  onChange: (keys: Set<string>) => void;
  clear: () => void;
}

/** The calls that are selected: remembered, since rows out of sight are forgotten. */
export function useSelection(rows: (Call | undefined)[]): Chosen {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Call>>(new Map());
  const onChange = (keys: Set<string>) => {
    const next = new Map<string, Call>();
    for (const [id, call] of chosen) if (keys.has(id)) next.set(id, call);
    for (const call of rows) if (call && keys.has(call.id)) next.set(call.id, call);
    setChosen(next);
  };
  return {
    keys: new Set(chosen.keys()),
    calls: [...chosen.values()],
    onChange,
    clear: () => setChosen(new Map()),
  };
}
