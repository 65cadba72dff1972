import { useMutation, useQueryClient } from "@tanstack/react-query";
import { deleteObject } from "~/api/weave/objects";
import { ConfirmDialog } from "~/components/Dialog";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { plural } from "~/lib/format";
import type { Listed } from "./list";

interface DeleteObjectsProps {
  of: string;
  lines: Listed[];
  onClose: () => void;
  onDone: () => void;
}

/** Asks, then removes every version of what was chosen. */
export function DeleteObjects({ of, lines, onClose, onDone }: DeleteObjectsProps) {
  const client = useQueryClient();
  const versions = lines.reduce((sum, line) => sum + line.versions, 0);
  const remove = useMutation({
    mutationFn: async () => {
      for (const { name } of lines) await deleteObject(of, name);
    },
    onSuccess: () => {
      toast(`Deleted ${lines.map((line) => line.name).join(", ")}.`);
      onDone();
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["objects", of] }),
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={lines.length === 1 ? `Delete ${lines[0]?.name}?` : `Delete ${lines.length} objects?`}
      verb="Delete"
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      <p>
        {plural(versions, "version")} of {lines.map((line) => line.name).join(", ")} will be gone for good.
        Programs and evaluations that refer to them fail to read them.
      </p>
      {remove.error && <ErrorState error={remove.error} />}
    </ConfirmDialog>
  );
}
