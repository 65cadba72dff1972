import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schema } from "~/api/client";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { Card } from "~/components/Page";
import { ChangePlan } from "./ChangePlan";
import { PlanFacts } from "./PlanFacts";
import { planQuery } from "./queries";

/** One plan: what it is, what was changed about it, and changing it. */
export function PlanCard({ plan, isDefault }: { plan: Schema<"PlanInfo">; isDefault: boolean }) {
  const [changing, setChanging] = useState(false);
  const [shown, setShown] = useState(false);
  const history = useQuery({ ...planQuery(plan.name), enabled: shown });
  return (
    <Card>
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 className="flex items-center gap-2 text-base">
          {plan.label}
          {isDefault && <Badge title="Of teams that were given none">default</Badge>}
          {plan.changes && <Badge tone="accent">changed</Badge>}
        </h2>
        <div className="flex gap-1">
          <Button small kind="quiet" aria-expanded={shown} onClick={() => setShown(!shown)}>
            History
          </Button>
          <Button small onClick={() => setChanging(true)}>
            Change
          </Button>
        </div>
      </div>
      <PlanFacts plan={plan} />
      {plan.place && <p className="mt-2 text-xs break-all text-muted">From {plan.place}</p>}
      {shown && (
        <ul className="mt-3 flex flex-col gap-1 border-t border-line pt-2 text-xs">
          {history.data?.changes.length === 0 && (
            <li className="text-muted">Never changed while the server ran.</li>
          )}
          {history.data?.changes.map((change) => (
            <li key={change.set_at} className="break-words">
              <Ago at={change.set_at} /> {change.set_by}: {change.reason}
              <code className="ml-1 font-mono text-muted">{JSON.stringify(change.changes)}</code>
              {change.ended_at ? "" : " (in force)"}
            </li>
          ))}
        </ul>
      )}
      {changing && <ChangePlan plan={plan} onClose={() => setChanging(false)} />}
    </Card>
  );
}
