import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "~/components/Button";
import { TextArea, TextField } from "~/components/Field";
import { Section } from "~/components/Page";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { ForecastCard } from "./ForecastCard";
import { asksModels, type MonitorForm, problemsOf, wantedOf } from "./form";
import { OpsPicker } from "./OpsPicker";
import { saveMonitor } from "./queries";
import { RulesEditor } from "./RulesEditor";
import { ScorersEditor } from "./ScorersEditor";

interface MonitorEditorProps {
  place: Place;
  initial: MonitorForm;
  isNew: boolean;
  judges: string[];
  /** The most that a budget may be. */
  max: bigint;
  onSaved: (name: string) => void;
}

/** The form of a monitor, with what it would judge and cost beside it. */
export function MonitorEditor({ place, initial, isNew, judges, max, onSaved }: MonitorEditorProps) {
  const cache = useQueryClient();
  const [form, setForm] = useState(initial);
  const [wasSent, setSent] = useState(false);
  const set = (changed: Partial<MonitorForm>) => setForm((before) => ({ ...before, ...changed }));
  const problems = problemsOf(form, max);
  const shown = wasSent ? problems : {};
  const save = useMutation({
    mutationFn: () => saveMonitor(place, form.name, wantedOf(form)),
    onSuccess: (saved) => {
      cache.invalidateQueries({ queryKey: ["monitors"] });
      toast(`${saved.name} is saved and switched on.`);
      onSaved(saved.name);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (Object.keys(problems).length === 0) save.mutate();
  };
  const { name: _name, ...others } = problems;
  const wanted = Object.keys(others).length === 0 ? wantedOf(form) : null;
  return (
    <form onSubmit={submit} noValidate className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <div className="flex min-w-0 flex-col gap-6">
        <Section title="What it looks at">
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label="Name"
              value={form.name}
              disabled={!isNew}
              onChange={(event) => set({ name: event.target.value })}
              error={shown.name}
            />
            <TextField
              label="Sample, in percent of calls"
              inputMode="decimal"
              value={form.sampling}
              onChange={(event) => set({ sampling: event.target.value })}
              error={shown.sampling}
            />
          </div>
          <TextField
            label="Description"
            value={form.description}
            onChange={(event) => set({ description: event.target.value })}
          />
          <OpsPicker place={place} chosen={form.ops} onChange={(ops) => set({ ops })} />
          <TextArea
            label="Filter"
            hint={
              'A query as JSON, such as {"$expr": {"$eq": [{"$getField": "inputs.kind"}, {"$literal": "chat"}]}}; empty: all of their calls.'
            }
            value={form.query}
            className="font-mono text-xs"
            onChange={(event) => set({ query: event.target.value })}
            error={shown.query}
          />
        </Section>
        <ScorersEditor
          scorers={form.scorers}
          judges={judges}
          onChange={(scorers) => set({ scorers })}
          problem={shown.scorers}
        />
        <RulesEditor form={form} onChange={(rules) => set({ rules })} problem={shown.rules} />
      </div>
      <aside aria-label="Cost" className="flex flex-col gap-4 lg:sticky lg:top-4 lg:self-start">
        {asksModels(form) && (
          <TextField
            label="Budget for a day, in dollars"
            hint="Hard, and for one day in UTC. It is on your account, within your limits."
            inputMode="decimal"
            value={form.budget}
            onChange={(event) => set({ budget: event.target.value })}
            error={shown.budget}
          />
        )}
        <ForecastCard place={place} wanted={wanted} />
        {save.error && <ErrorState error={save.error} />}
        <Button type="submit" kind="primary" busy={save.isPending}>
          {isNew ? "Make it and switch it on" : "Save and switch on"}
        </Button>
      </aside>
    </form>
  );
}
