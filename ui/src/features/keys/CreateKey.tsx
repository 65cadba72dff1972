import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, must } from "~/api/client";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { ErrorState } from "~/components/States";
import { KeyForm } from "./KeyForm";
import { EMPTY, lacks, request } from "./keys";
import { NewKey } from "./NewKey";
import { keysQuery } from "./queries";

/** Makes a key, and shows it this once. */
export function CreateKey({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [draft, setDraft] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => must(api.POST("/api/keys", { body: request(draft, new Date()) })),
    onSuccess: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const close = () => {
    setDraft(EMPTY);
    setTried(false);
    create.reset();
    onClose();
  };
  const missing = lacks(draft);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!missing) create.mutate();
  };
  if (create.data)
    return (
      <Dialog
        open={open}
        onClose={close}
        title="Copy your key now"
        actions={
          <Button kind="primary" onClick={close}>
            Done
          </Button>
        }
      >
        <NewKey apiKey={create.data.api_key} />
      </Dialog>
    );
  return (
    <Dialog open={open} onClose={close} title="Create a key">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <KeyForm draft={draft} onChange={setDraft} />
        {tried && missing && (
          <div role="alert" className="text-xs text-bad">
            {missing}
          </div>
        )}
        {create.error && <ErrorState error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="primary" busy={create.isPending}>
            Create key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
