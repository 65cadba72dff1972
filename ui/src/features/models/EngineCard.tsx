import { useState } from "react";
import type { CatalogModel } from "~/api/catalog";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Card, Section } from "~/components/Page";
import { toast } from "~/components/Toasts";
import { AddModelDialog } from "./AddModel";
import { StatusBadge } from "./Facts";
import { type EngineVerb, useEngine } from "./queries";
import { type Stage, statusOf } from "./status";

interface EngineCardProps {
  model: CatalogModel;
  stage: Stage | undefined;
  isAdmin: boolean;
}

/** Whether the model is awake, what it would need where it cannot run, and an administrator's actions. */
export function EngineCard({ model, stage, isAdmin }: EngineCardProps) {
  const status = statusOf(model, stage);
  const cannot = model.standIn || !model.runnable;
  return (
    <Section title="Engine">
      <Card className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center gap-1.5" aria-live="polite">
          <StatusBadge status={status} />
          {stage?.pinned && <Badge tone="accent">Pinned</Badge>}
        </div>
        <p className="text-muted">{status.detail}</p>
        {cannot && <Needs needs={model.needs} />}
        {isAdmin && (stage ? <Actions model={model} stage={stage} /> : <Download model={model} />)}
      </Card>
    </Section>
  );
}

function Needs({ needs }: { needs: readonly string[] }) {
  return (
    <div>
      <div className="text-xs font-medium">To run it here, give the server one of these:</div>
      <ul className="mt-1 flex list-disc flex-col gap-1 pl-4 text-xs break-words text-muted">
        {needs.map((need) => (
          <li key={need}>{need}</li>
        ))}
      </ul>
    </div>
  );
}

function Actions({ model, stage }: { model: CatalogModel; stage: Stage }) {
  const engine = useEngine(model.id);
  const isUp = stage.stage === "ready" || stage.stage === "loading" || stage.stage === "waiting";
  const run = (verb: EngineVerb, said = "") =>
    engine.mutate(verb, { onSuccess: () => said !== "" && toast(said) });
  const busy = (verb: EngineVerb) => engine.isPending && engine.variables === verb;
  return (
    <div className="flex flex-wrap gap-2">
      {isUp ? (
        <Button
          small
          busy={busy("unload")}
          disabled={stage.pinned || stage.stage === "waiting"}
          title={stage.pinned ? "Unpin it first" : "It sleeps until the next request"}
          onClick={() => run("unload")}
        >
          Unload
        </Button>
      ) : (
        <Button small busy={busy("load")} onClick={() => run("load")}>
          Load
        </Button>
      )}
      {stage.pinned ? (
        <Button small busy={busy("unpin")} onClick={() => run("unpin")}>
          Unpin
        </Button>
      ) : (
        <Button small busy={busy("pin")} title="Keep it loaded" onClick={() => run("pin")}>
          Pin
        </Button>
      )}
      <Button
        small
        busy={busy("probe")}
        disabled={stage.stage !== "ready"}
        title={stage.stage === "ready" ? "Find out now what works" : "Load it first"}
        onClick={() => run("probe", "Probed: the features are as they were found now")}
      >
        Probe
      </Button>
    </div>
  );
}

function Download({ model }: { model: CatalogModel }) {
  const [open, setOpen] = useState(false);
  return (
    <div>
      <Button small onClick={() => setOpen(true)}>
        Download its weights
      </Button>
      <AddModelDialog open={open} onClose={() => setOpen(false)} model={model.id} />
    </div>
  );
}
