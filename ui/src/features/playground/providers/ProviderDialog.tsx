import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asApiError } from "~/api/errors";
import { providersQuery } from "~/api/providers";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Checkbox, TextArea, TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { EMPTY_FORM, formOf, type ProviderForm, problemsOf, wantedOf, withModel } from "./form";
import { type Provider, saveProvider } from "./queries";
import { TestConnection } from "./TestConnection";

interface ProviderDialogProps {
  place: Place;
  open: boolean;
  onClose: () => void;
  /** The one that is changed; null adds one. */
  provider: Provider | null;
  /** The names that there are. */
  names: readonly string[];
}

/** Adds or changes a server that speaks the OpenAI API. */
export function ProviderDialog({ open, onClose, provider, ...rest }: ProviderDialogProps) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={provider === null ? "Add AI provider" : `Edit ${provider.name}`}
      drawer
    >
      <ProviderFields key={provider?.name ?? ""} provider={provider} onClose={onClose} {...rest} />
    </Dialog>
  );
}

function ProviderFields({ place, onClose, provider, names }: Omit<ProviderDialogProps, "open">) {
  const cache = useQueryClient();
  const [form, setForm] = useState<ProviderForm>(provider === null ? EMPTY_FORM : formOf(provider));
  const [wasSent, setSent] = useState(false);
  const set = (changed: Partial<ProviderForm>) => setForm((before) => ({ ...before, ...changed }));
  const problems = problemsOf(
    form,
    names.filter((name) => name !== provider?.name),
  );
  const save = useMutation({
    mutationFn: () => saveProvider(place, form.name, wantedOf(form)),
    onSuccess: async (saved) => {
      await cache.invalidateQueries(providersQuery(place));
      toast(`${saved.name} is saved.`);
      onClose();
    },
  });
  const told = save.error === null ? null : asApiError(save.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (Object.keys(problems).length === 0) save.mutate();
  };
  const shown = wasSent ? problems : {};
  const keyHint =
    provider?.has_key === true
      ? "A key is set. Leave this empty to keep it; it is never shown again."
      : "Kept encrypted, sent as a bearer token, never shown again. Leave it empty for a server that wants none.";
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <TextField
        label="Name"
        value={form.name}
        disabled={provider !== null}
        onChange={(event) => set({ name: event.target.value })}
        placeholder="my-provider"
        error={shown.name}
      />
      <TextField
        label="Base URL"
        value={form.baseUrl}
        inputMode="url"
        onChange={(event) => set({ baseUrl: event.target.value })}
        placeholder="https://example.com/v1"
        hint="Up to and including the version: most end in /v1. Servers in private networks, localhost too, are opened by the setting provider_allow."
        error={shown.baseUrl}
      />
      <TextField
        label="API key"
        type="password"
        autoComplete="new-password"
        value={form.apiKey}
        disabled={form.dropsKey}
        onChange={(event) => set({ apiKey: event.target.value })}
        hint={keyHint}
        error={told?.param === "api_key" ? told.message : null}
      />
      {provider?.has_key === true && (
        <Checkbox
          label="Remove the key that is set"
          checked={form.dropsKey}
          onChange={(dropsKey) => set({ dropsKey })}
        />
      )}
      <TextArea
        label="Headers"
        value={form.headers}
        rows={2}
        spellCheck={false}
        className="font-mono"
        onChange={(event) => set({ headers: event.target.value })}
        placeholder="X-Title: my console"
        hint="Optional, one a line. Everybody in the project can read them, so no secrets."
        error={shown.headers}
      />
      <TextArea
        label="Models"
        value={form.models}
        rows={4}
        spellCheck={false}
        className="font-mono"
        onChange={(event) => set({ models: event.target.value })}
        placeholder={"vendor/model-large 8192\nvendor/model-small"}
        hint="One a line, as the provider names them; after a blank the most tokens of an answer (4096 if not said)."
        error={shown.models}
      />
      <TestConnection
        place={place}
        form={form}
        canTest={
          problems.name === undefined && problems.baseUrl === undefined && problems.headers === undefined
        }
        onPick={(model) => set({ models: withModel(form.models, model) })}
      />
      {told !== null && <ErrorState error={told} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {provider === null ? "Add provider" : "Save"}
        </Button>
      </div>
    </form>
  );
}
