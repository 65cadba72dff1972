import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { deleteObject, type ObjectVersion } from "~/api/weave/objects";
import { Button } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { kindOf } from "./kinds";

/** Removes one version, after asking. */
export function DeleteVersion({ place, version }: { place: Place; version: ObjectVersion }) {
  const of = `${place.team}/${place.project}`;
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const label = `v${version.version_index} of ${version.object_id}`;
  const remove = useMutation({
    mutationFn: () => deleteObject(of, version.object_id, [version.digest]),
    onSuccess: async () => {
      toast(`Deleted ${label}.`);
      await navigate({ to: `/${of}/weave/${kindOf(version)}` as never });
      await client.invalidateQueries({ queryKey: ["objects", of] });
    },
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>Delete…</Button>
      <ConfirmDialog
        open={open}
        onClose={() => setOpen(false)}
        title={`Delete ${label}?`}
        verb="Delete version"
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        <p>Other versions stay. Programs and evaluations that refer to this one fail to read it.</p>
        {remove.error && <ErrorState error={remove.error} />}
      </ConfirmDialog>
    </>
  );
}
