import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { providersQuery } from "~/api/providers";
import { Badge } from "~/components/Badge";
import { Button, IconButton } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { Ago } from "~/components/Figures";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { ProviderDialog } from "./ProviderDialog";
import { type Provider, removeProvider, testProvider } from "./queries";

type Opened = { what: "add" } | { what: "edit" | "remove"; provider: Provider } | null;

/** The custom providers of a project: added, tried, changed, removed. */
export function ProvidersPanel({ place }: { place: Place }) {
  const query = useQuery(providersQuery(place));
  const [opened, open] = useState<Opened>(null);
  const add = (
    <Button kind="primary" onClick={() => open({ what: "add" })}>
      <Plus aria-hidden className="size-4" /> Add AI provider
    </Button>
  );
  const names = (query.data ?? []).map((one) => one.name);
  return (
    <div className="flex flex-col gap-3">
      <Loaded query={query}>
        {(providers) =>
          providers.length === 0 ? (
            <EmptyState title="This project has no provider of its own" action={add}>
              Add any server that speaks the OpenAI API: its models stand beside those of this server in the
              Playground.
            </EmptyState>
          ) : (
            <>
              <div className="flex justify-end">{add}</div>
              <Table
                label="AI providers"
                columns={columnsOf(place, open)}
                rows={providers}
                rowKey={(one) => one.name}
              />
            </>
          )
        }
      </Loaded>
      <ProviderDialog
        place={place}
        open={opened?.what === "add" || opened?.what === "edit"}
        onClose={() => open(null)}
        provider={opened?.what === "edit" ? opened.provider : null}
        names={names}
      />
      {opened?.what === "remove" && (
        <RemoveDialog place={place} name={opened.provider.name} onClose={() => open(null)} />
      )}
    </div>
  );
}

function columnsOf(place: Place, open: (opened: Opened) => void): Column<Provider>[] {
  return [
    {
      id: "name",
      header: "Name",
      cell: (one) => (
        <>
          <div className="font-medium">{one.name}</div>
          <div className="max-w-64 truncate font-mono text-xs text-muted" title={one.base_url}>
            {one.base_url}
          </div>
        </>
      ),
    },
    {
      id: "models",
      header: "Models",
      hideBelow: "md",
      cell: (one) => (
        <span className="text-xs" title={one.models.map((model) => model.name).join("\n")}>
          {modelsInWords(one)}
        </span>
      ),
    },
    {
      id: "key",
      header: "Key",
      hideBelow: "sm",
      cell: (one) => (one.has_key ? <Badge tone="good">Set</Badge> : <Badge>None</Badge>),
    },
    { id: "changed", header: "Changed", hideBelow: "lg", cell: (one) => <Ago at={one.changed_at} /> },
    {
      id: "actions",
      header: "Actions",
      numeric: true,
      cell: (one) => (
        <div className="flex items-center justify-end gap-1">
          <TestButton place={place} name={one.name} />
          <IconButton label={`Edit ${one.name}`} onClick={() => open({ what: "edit", provider: one })}>
            <Pencil aria-hidden className="size-4" />
          </IconButton>
          <IconButton label={`Remove ${one.name}`} onClick={() => open({ what: "remove", provider: one })}>
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        </div>
      ),
    },
  ];
}

function modelsInWords({ models }: Provider): string {
  const shown = models.slice(0, 3).map((model) => model.name);
  return models.length > 3 ? `${shown.join(", ")} and ${models.length - 3} more` : shown.join(", ");
}

function TestButton({ place, name }: { place: Place; name: string }) {
  const test = useMutation({
    mutationFn: () => testProvider(place, name),
    onSuccess: (told) => toast(`${name} answered in ${Math.round(told.total_ms)} ms.`),
    onError: (error) => {
      const told = asApiError(error);
      toast(`${told.message} ${told.remedy}`.trim(), "bad");
    },
  });
  return (
    <Button small aria-label={`Test ${name}`} busy={test.isPending} onClick={() => test.mutate()}>
      Test
    </Button>
  );
}

function RemoveDialog({ place, name, onClose }: { place: Place; name: string; onClose: () => void }) {
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeProvider(place, name),
    onSuccess: async () => {
      await cache.invalidateQueries(providersQuery(place));
      toast(`${name} is removed.`);
      onClose();
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Remove ${name}`}
      verb="Remove"
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      Its key is forgotten and its models can no longer be asked in this project. Chats and traces stay.
    </ConfirmDialog>
  );
}
