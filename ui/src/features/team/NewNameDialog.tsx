import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { toast } from "~/components/Toasts";
import { nameProblem } from "~/lib/names";

interface NewNameProps {
  /** `project` or `team`. */
  what: string;
  open: boolean;
  onClose: () => void;
  hint: string;
  make: (name: string) => Promise<unknown>;
}

/** Makes a thing that takes nothing but a name. */
export function NewNameDialog({ what, open, onClose, hint, make }: NewNameProps) {
  return (
    <Dialog open={open} onClose={onClose} title={`New ${what}`}>
      <NewNameForm what={what} onClose={onClose} hint={hint} make={make} />
    </Dialog>
  );
}

function NewNameForm({ what, onClose, hint, make }: Omit<NewNameProps, "open">) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const save = useMutation({
    mutationFn: make,
    onSuccess: async () => {
      await client.invalidateQueries(); // the switcher, the palette and the lists all know it
      toast(`Made the ${what} ${name}`);
      onClose();
    },
  });
  const error = save.error ? asApiError(save.error) : null;
  const problem = nameProblem(name) ?? (error && save.variables === name ? error.message : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name && !nameProblem(name)) save.mutate(name);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Name"
        hint={hint}
        error={problem}
        value={name}
        maxLength={128}
        required
        onChange={(event) => setName(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          kind="primary"
          busy={save.isPending}
          disabled={!name || nameProblem(name) !== null}
        >
          Make {what}
        </Button>
      </div>
    </form>
  );
}
