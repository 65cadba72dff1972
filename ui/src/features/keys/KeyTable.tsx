import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, must } from "~/api/client";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { Ago } from "~/components/Figures";
import { ErrorState } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { toast } from "~/components/Toasts";
import { plural } from "~/lib/format";
import { type Key, placeOf, shown, stateOf } from "./keys";
import { keysQuery } from "./queries";

/** Keys in a table, each with the way to end it. */
export function KeyTable({ keys, empty }: { keys: Key[]; empty: ReactNode }) {
  const [ending, setEnding] = useState<Key | null>(null);
  const columns: Column<Key>[] = [
    { id: "name", header: "Name", cell: (key) => <Name one={key} /> },
    {
      id: "key",
      header: "Key",
      hideBelow: "md",
      cell: (key) => <span className="font-mono text-xs whitespace-nowrap">{shown(key)}</span>,
    },
    { id: "scopes", header: "For", hideBelow: "lg", cell: (key) => key.scopes.join(", ") },
    { id: "where", header: "Where", hideBelow: "sm", cell: (key) => <Where one={key} /> },
    { id: "used", header: "Last used", cell: (key) => <Ago at={key.last_used_at} /> },
    {
      id: "expires",
      header: "Expires",
      hideBelow: "sm",
      cell: (key) => <Ago at={key.expires_at} never="never" />,
    },
    {
      id: "end",
      header: "Actions",
      hideHeader: true,
      numeric: true,
      cell: (key) =>
        stateOf(key, new Date()) === "active" && (
          <Button small kind="quiet" aria-label={`Revoke ${label(key)}`} onClick={() => setEnding(key)}>
            Revoke
          </Button>
        ),
    },
  ];
  return (
    <>
      <Table label="API keys" columns={columns} rows={keys} rowKey={(key) => key.id} empty={empty} />
      <Revoke one={ending} onClose={() => setEnding(null)} />
    </>
  );
}

function label(key: Key): string {
  return key.name || shown(key);
}

function Name({ one }: { one: Key }) {
  const state = stateOf(one, new Date());
  return (
    <div className="flex flex-wrap items-center gap-x-2">
      <span className="font-medium break-all">{one.name || "Unnamed"}</span>
      {state !== "active" && <Badge tone={state === "revoked" ? "bad" : "warn"}>{state}</Badge>}
      <span className="w-full font-mono text-2xs text-muted md:hidden">{shown(one)}</span>
    </div>
  );
}

function Where({ one }: { one: Key }) {
  return (
    <div>
      <div className="break-all">{placeOf(one)}</div>
      {one.models && (
        <div className="text-xs text-muted" title={one.models.join("\n")}>
          {one.models.length === 1 ? one.models[0] : plural(one.models.length, "model")}
        </div>
      )}
      {one.trace && <div className="text-xs text-muted">traces: {one.trace}</div>}
    </div>
  );
}

function Revoke({ one, onClose }: { one: Key | null; onClose: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: (id: string) => must(api.DELETE("/api/keys/{key_id}", { params: { path: { key_id: id } } })),
    onSuccess: async () => {
      toast("The key no longer works.");
      onClose();
      await client.invalidateQueries({ queryKey: keysQuery.queryKey });
    },
  });
  const close = () => {
    revoke.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      open={one !== null}
      onClose={close}
      title="Revoke this key?"
      verb="Revoke"
      busy={revoke.isPending}
      onConfirm={() => one && revoke.mutate(one.id)}
    >
      {one && (
        <p>
          <b>{label(one)}</b> (<span className="font-mono text-xs">{shown(one)}</span>) stops working at once,
          for good. Programs that use it are refused.
        </p>
      )}
      {revoke.error && <ErrorState error={revoke.error} />}
    </ConfirmDialog>
  );
}
