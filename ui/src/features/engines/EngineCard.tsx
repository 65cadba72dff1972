import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { asApiError } from "~/api/errors";
import { Badge, type Tone } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Ago } from "~/components/Figures";
import { Card } from "~/components/Page";
import { toast } from "~/components/Toasts";
import { duration } from "~/lib/format";
import { EngineLog } from "./EngineLog";
import { mib } from "./Machine";

type Model = Schema<"ModelInfo">;
type Verb = "load" | "unload" | "pin" | "unpin";

const STAGES: Record<Model["stage"], Tone> = {
  ready: "good",
  loading: "accent",
  waiting: "warn",
  stopping: "plain",
  asleep: "plain",
  failed: "bad",
  "no-room": "bad",
};

/** One engine: its state, memory and replicas, its log, and steering it. */
export function EngineCard({ model }: { model: Model }) {
  const client = useQueryClient();
  const [reading, setReading] = useState(false);
  const steer = useMutation({
    mutationFn: (verb: Verb) =>
      must(api.POST(`/api/engines/{model}/${verb}`, { params: { path: { model: model.model } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["engines"] }),
    onError: (error) => {
      const told = asApiError(error);
      toast(`${told.message}. ${told.remedy}`, "bad");
    },
  });
  const sleeps = model.stage === "asleep" || model.stage === "failed" || model.stage === "no-room";
  const verbs: [Verb, string][] = [
    sleeps ? ["load", "Load"] : ["unload", "Unload"],
    model.pinned ? ["unpin", "Unpin"] : ["pin", "Pin"],
  ];
  return (
    <Card className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="flex min-w-0 flex-wrap items-center gap-2 text-base">
          <span className="break-all">{model.key}</span>
          <Badge tone={STAGES[model.stage]}>{model.stage}</Badge>
          {model.pinned && <Badge tone="accent">pinned</Badge>}
        </h2>
        <div className="flex flex-wrap gap-1">
          <Button small kind="quiet" onClick={() => setReading(true)}>
            Log
          </Button>
          {verbs.map(([verb, label]) => (
            <Button
              key={verb}
              small
              aria-label={`${label} ${model.key}`}
              busy={steer.isPending && steer.variables === verb}
              onClick={() => steer.mutate(verb)}
            >
              {label}
            </Button>
          ))}
        </div>
      </div>
      {(model.reason || model.remedy) && (
        <div className="rounded-md border border-line bg-bad-soft p-2 text-xs">
          <p className="break-words">{model.reason}</p>
          {model.remedy && <p className="mt-1 font-medium">{model.remedy}</p>}
        </div>
      )}
      <Facts model={model} />
      {model.replicas.length > 0 && <Replicas replicas={model.replicas} />}
      {reading && (
        <Dialog open onClose={() => setReading(false)} title={`Log of ${model.key}`} drawer>
          <EngineLog model={model.model} />
        </Dialog>
      )}
    </Card>
  );
}

function Facts({ model }: { model: Model }) {
  const loads = model.loads.map((load) => duration(load.load_ms / 1000)).join(", ");
  const facts: [string, string][] = [
    ["Engine", model.engine === "remote" ? "a server elsewhere" : model.engine],
    ["Memory", memory(model)],
    ["Requests", `${model.in_flight} in flight, ${model.waiting} waiting`],
    ["Speed", model.tokens_per_s > 0 ? `${model.tokens_per_s} tokens/s` : "—"],
    ["Then", then(model)],
    ["Last loads", loads || "none measured yet"],
  ];
  if (model.needs_gpus > 0)
    facts.push(["GPU memory", `${model.needs_gpus} × ${mib(model.needs_gpu_memory_mib)} kept`]);
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 text-xs sm:grid-cols-[auto_minmax(0,1fr)_auto_minmax(0,1fr)]">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function memory(model: Model): string {
  const kept = model.needs_memory_mib > 0 ? mib(model.needs_memory_mib) : "";
  if (model.memory_mib !== null)
    return kept ? `${mib(model.memory_mib)} of ${kept} kept` : mib(model.memory_mib);
  return kept ? `needs ${kept}` : "—";
}

function then(model: Model): string {
  if (model.stage === "loading" && model.eta_s !== null) return `ready in about ${duration(model.eta_s)}`;
  if (model.stage !== "ready" && model.eta_s !== null)
    return `ready about ${duration(model.eta_s)} after it is called`;
  return model.idle_left_s === null
    ? "stays as it is"
    : `sleeps in ${duration(model.idle_left_s)} if nobody calls`;
}

function Replicas({ replicas }: { replicas: Model["replicas"] }) {
  return (
    <ul className="flex flex-col gap-1 border-t border-line pt-2 text-xs">
      {replicas.map((replica) => (
        <li key={replica.name} className="flex flex-wrap gap-x-3">
          <span className="font-mono break-all">{replica.name}</span>
          <span>{replica.state}</span>
          <span className="text-muted">
            since <Ago at={replica.since} />
          </span>
          {replica.pid !== null && <span className="text-muted">process {replica.pid}</span>}
          <span className="text-muted">
            {replica.in_flight} of {replica.max_in_flight} requests
          </span>
          {replica.restarts > 0 && <span className="text-warn">{replica.restarts} restarts</span>}
          {replica.failed_at && replica.state !== "failed" && (
            <span className="basis-full text-muted">
              failed <Ago at={replica.failed_at} />: {replica.failure}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
