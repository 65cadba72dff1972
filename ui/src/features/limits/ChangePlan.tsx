import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Select, TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { formOf, planChanges, planMistakes } from "./planForm";

/** Changes a plan for all teams that have it, or takes earlier changes back. */
export function ChangePlan({ plan, onClose }: { plan: Schema<"PlanInfo">; onClose: () => void }) {
  const client = useQueryClient();
  const [form, setForm] = useState(() => formOf(plan));
  const [reason, setReason] = useState("");
  const wrong = planMistakes(form);
  const more = planChanges(form, plan);
  const change = useMutation({
    mutationFn: (changes: Schema<"PlanChangeRequest">["changes"]) =>
      must(
        api.PUT("/api/plans/{plan}", { params: { path: { plan: plan.name } }, body: { changes, reason } }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["plans"] });
      toast(`${plan.label} is changed for all teams that have it`);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(wrong).length === 0) change.mutate({ ...(plan.changes ?? {}), ...more });
  };
  const field = (name: "included" | "cap" | "weight") => ({
    value: form[name],
    error: wrong[name] ?? null,
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });
  return (
    <Dialog open onClose={onClose} title={`Change ${plan.label}`}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField label="Credit a month, in dollars" inputMode="decimal" {...field("included")} />
          <Select
            label="When it is used up"
            value={form.ends}
            options={[
              { value: "refuse", label: "Refuse requests" },
              { value: "overage", label: "Go on, and owe it" },
            ]}
            onChange={(ends) => setForm({ ...form, ends })}
          />
          <TextField label="Cap, in dollars" hint="Empty: none." inputMode="decimal" {...field("cap")} />
          <Select
            label="Within a"
            value={form.period}
            options={["day", "month", "year"].map((value) => ({ value, label: value }))}
            onChange={(period) => setForm({ ...form, period })}
          />
          <TextField label="Weight in queues" inputMode="numeric" {...field("weight")} />
        </div>
        <TextField
          label="Reason"
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
        <p className="text-xs text-muted">
          It holds at once for every team that has {plan.label}. Limits of requests and tokens are changed
          with <code className="font-mono">weft plan edit {plan.name}</code>.
        </p>
        {change.error && <ErrorState error={change.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          {plan.changes && (
            <Button className="mr-auto" disabled={!reason.trim()} onClick={() => change.mutate({})}>
              Take all changes back
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            kind="primary"
            busy={change.isPending}
            disabled={!reason.trim() || Object.keys(more).length === 0}
          >
            Change the plan
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
