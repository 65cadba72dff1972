import { useQuery } from "@tanstack/react-query";
import { meQuery } from "~/api/queries";
import { Checkbox, Select, TextField } from "~/components/Field";
import { type Draft, LIFETIMES, SCOPES, TRACE_LEVELS, withScope } from "./keys";
import { ModelPicker } from "./ModelPicker";

/** What a new key is called, is for, and where it works. */
export function KeyForm({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { data: me } = useQuery(meQuery);
  const teams = (me?.teams ?? []).filter((team) => team.kind !== "personal");
  const projects = teams.find((team) => team.name === draft.team)?.projects ?? [];
  const set = (changed: Partial<Draft>) => onChange({ ...draft, ...changed });
  return (
    <>
      <TextField
        label="Name"
        name="key-name"
        autoFocus
        required
        maxLength={128}
        placeholder="laptop, nightly job"
        value={draft.name}
        onChange={(event) => set({ name: event.target.value })}
      />
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 font-medium">What it is for</legend>
        {SCOPES.map((scope) => (
          <Checkbox
            key={scope.value}
            label={scope.label}
            hint={scope.hint}
            checked={draft.scopes.includes(scope.value)}
            onChange={(on) => set({ scopes: withScope(draft.scopes, scope.value, on) })}
          />
        ))}
      </fieldset>
      <div className="grid gap-3 sm:grid-cols-2">
        <Select
          label="Team"
          value={draft.team}
          options={[
            { value: "", label: "All your teams" },
            ...teams.map((team) => ({ value: team.name, label: team.name })),
          ]}
          onChange={(team) => set({ team, project: "" })}
        />
        <Select
          label="Project"
          value={draft.project}
          disabled={!draft.team}
          options={[
            { value: "", label: draft.team ? "All of the team's" : "Choose a team first" },
            ...projects.map((project) => ({ value: project, label: project })),
          ]}
          onChange={(project) => set({ project })}
        />
        <Select label="Lasts" value={draft.days} options={LIFETIMES} onChange={(days) => set({ days })} />
        <Select
          label="Traces keep"
          value={draft.trace}
          options={TRACE_LEVELS}
          onChange={(trace) => set({ trace })}
        />
      </div>
      <ModelPicker chosen={draft.models} onChange={(models) => set({ models })} />
    </>
  );
}
