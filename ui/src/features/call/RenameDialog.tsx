import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asApiError } from "~/api/errors";
import { renameCall } from "~/api/weave/calls";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { toast } from "~/components/Toasts";

interface RenameDialogProps {
  of: string;
  id: string;
  /** Empty where it has its op's. */
  name: string;
  onClose: () => void;
}

/** Gives a call another name. */
export function RenameDialog({ of, id, name, onClose }: RenameDialogProps) {
  const [typed, setTyped] = useState(name);
  const queries = useQueryClient();
  const rename = useMutation({
    mutationFn: () => renameCall(of, id, typed.trim()),
    onSuccess: () => {
      onClose();
      void queries.invalidateQueries({ queryKey: ["weave", of] });
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate();
  };
  return (
    <Dialog open onClose={onClose} title="Rename the call">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          hint="Empty gives back the name of its op."
          maxLength={256}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={rename.isPending}>
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
