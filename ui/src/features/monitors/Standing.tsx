import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { Card, Tile } from "~/components/Page";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { count } from "~/lib/format";
import { nusd, parseUsd } from "~/lib/money";
import type { Place } from "~/lib/place";
import { type Monitor, switchMonitor } from "./queries";
import { Spent } from "./Spent";
import { StateBadge } from "./StateBadge";
import { Switch } from "./Switch";
import { whatToDo } from "./words";

interface StandingProps {
  place: Place;
  monitor: Monitor;
  mayWrite: boolean;
}

/** How a monitor is, in words and figures; where it stands still, why, and what helps. */
export function Standing({ place, monitor, mayWrite }: StandingProps) {
  const isPaused = monitor.state === "paused";
  const takesBudget = mayWrite && monitor.asks_models && (isPaused || nusd(monitor.budget_nusd) === 0n);
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
        <Tile label="State" note={<Switch place={place} monitor={monitor} disabled={!mayWrite} />}>
          <StateBadge monitor={monitor} />
        </Tile>
        <Tile label="Spent today (UTC)" note={monitor.granted_by && `on ${monitor.granted_by}'s account`}>
          <span className="text-sm font-normal">
            <Spent monitor={monitor} />
          </span>
        </Tile>
        <Tile label="Judged" note={`of ${count(monitor.seen)} calls seen, ${count(monitor.waiting)} waiting`}>
          {count(monitor.judged)}
        </Tile>
        <Tile label="Failed" note={`${count(monitor.skipped)} passed over`}>
          {count(monitor.failed)}
        </Tile>
      </div>
      {isPaused && (
        <Card className="flex flex-col gap-2">
          <p role="status" className="font-medium break-words">
            {monitor.reason}
          </p>
          <p className="text-muted">{whatToDo(monitor)}</p>
        </Card>
      )}
      {takesBudget && <GiveBudget place={place} monitor={monitor} />}
      {monitor.last_error && !isPaused && (
        <p className="text-xs break-words text-muted">Last judgement that failed: {monitor.last_error}</p>
      )}
    </div>
  );
}

/** Gives this version a budget for a day, and switches it on. */
function GiveBudget({ place, monitor }: { place: Place; monitor: Monitor }) {
  const cache = useQueryClient();
  const [text, setText] = useState("1");
  const amount = parseUsd(text);
  const give = useMutation({
    mutationFn: (budget: bigint) => switchMonitor(place, monitor.name, true, String(budget)),
    onSuccess: () => {
      cache.invalidateQueries({ queryKey: ["monitors"] });
      toast(`${monitor.name} has its budget.`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (amount !== null) give.mutate(amount);
  };
  return (
    <form onSubmit={submit} className="flex max-w-md flex-col gap-2">
      <div className="flex items-end gap-2">
        <div className="flex-1">
          <TextField
            label="Budget for a day, in dollars"
            inputMode="decimal"
            value={text}
            onChange={(event) => setText(event.target.value)}
            error={amount === null ? "Write an amount, such as 2.50." : null}
          />
        </div>
        <Button type="submit" kind="primary" busy={give.isPending} disabled={amount === null}>
          Give it this budget
        </Button>
      </div>
      {give.error && <ErrorState error={give.error} />}
    </form>
  );
}
