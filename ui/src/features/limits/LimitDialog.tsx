import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Select, TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { exactUsd, nusd } from "~/lib/money";
import {
  CHOICES,
  KIND_LABELS,
  type Kind,
  type Limit,
  type Period,
  readMax,
  SCOPE_LABELS,
  type Scope,
} from "./figures";

interface LimitDialogProps {
  /** The limit to change; null to set one that is not there yet. */
  limit: Limit | null;
  subjects: Schema<"SubjectLimits">[];
  onClose: () => void;
}

/** Sets a limit, instead of the one that is in force. */
export function LimitDialog({ limit, subjects, onClose }: LimitDialogProps) {
  const client = useQueryClient();
  const [kind, setKind] = useState<Kind>(limit?.kind ?? "spend");
  const [scope, setScope] = useState<Scope>(limit?.scope ?? "project");
  const [subject, setSubject] = useState(limit?.scope_id ?? "");
  const [period, setPeriod] = useState<Period>(limit?.period ?? "day");
  const [model, setModel] = useState(limit?.model ?? "");
  const [max, setMax] = useState(limit ? written(limit) : "");
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const choice = CHOICES[kind] ?? { scopes: [], periods: [] };
  const owners = subjects.filter((one) => one.scope === (scope === "project_model" ? "project" : scope));
  const chosen = owners.some((one) => one.id === subject) ? subject : (owners[0]?.id ?? "");
  const window = choice.periods.includes(period) ? period : (choice.periods[0] ?? null);
  const read = readMax(kind, max);
  const set = useMutation({
    mutationFn: (body: Schema<"LimitRequest">) => must(api.PUT("/api/limits/set", { body })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["limits"] });
      toast("The limit holds from the next request on");
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if ("error" in read || !chosen) return;
    set.mutate({
      kind,
      scope,
      subject: chosen,
      period: window,
      model: scope === "project_model" ? model : "",
      max: read.max,
      reason,
    });
  };
  const refused = set.error ? asApiError(set.error) : null;
  const scopes = choice.scopes.filter((one) =>
    subjects.some((each) => each.scope === one || (one === "project_model" && each.scope === "project")),
  );
  return (
    <Dialog open onClose={onClose} title={limit ? "Change a limit" : "Set a limit"}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <div className="grid gap-3 sm:grid-cols-2">
          <Select
            label="What"
            value={kind}
            disabled={limit !== null}
            options={Object.keys(CHOICES).map((value) => ({ value, label: KIND_LABELS[value as Kind] }))}
            onChange={(value) => {
              setKind(value as Kind);
              if (!CHOICES[value]?.scopes.includes(scope))
                setScope(CHOICES[value]?.scopes.at(-1) ?? "project");
            }}
          />
          <Select
            label="Of a"
            value={scope}
            disabled={limit !== null}
            options={scopes.map((value) => ({ value, label: SCOPE_LABELS[value] ?? value }))}
            onChange={(value) => setScope(value as Scope)}
          />
          <Select
            label="Whose"
            value={chosen}
            disabled={limit !== null}
            options={owners.map((one) => ({ value: one.id, label: one.name }))}
            onChange={setSubject}
          />
          {choice.periods.length > 1 && (
            <Select
              label="Within a"
              value={window ?? ""}
              disabled={limit !== null}
              options={choice.periods.map((value) => ({ value, label: value }))}
              onChange={(value) => setPeriod(value as Period)}
            />
          )}
          {scope === "project_model" && (
            <TextField label="Model" value={model} onChange={(event) => setModel(event.target.value)} />
          )}
          <TextField
            label={kind === "spend" ? "At most, in dollars" : "At most"}
            inputMode="decimal"
            value={max}
            error={asked && "error" in read ? read.error : refused?.param === "max" ? refused.message : null}
            onChange={(event) => setMax(event.target.value)}
          />
        </div>
        <TextField
          label="Reason"
          hint="Kept in the history. Needed above the plan's limit."
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {refused && <ErrorState error={refused} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={set.isPending}>
            Set the limit
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function written(limit: Limit): string {
  return limit.kind === "spend" ? exactUsd(nusd(String(limit.max))).replace(/[$,]/g, "") : String(limit.max);
}
