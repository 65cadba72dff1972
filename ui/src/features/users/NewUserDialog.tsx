import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Checkbox, Select, TextField } from "~/components/Field";
import { toast } from "~/components/Toasts";
import { nameProblem } from "~/lib/names";
import { PasswordLinkDialog } from "./PasswordLinkDialog";
import { makeUser, type NewUser } from "./queries";

const KINDS = [
  { value: "person", label: "Person: logs in, and has a personal entity" },
  { value: "service", label: "Service account: only holds keys" },
];

/** Makes a user; a person then gets a link that sets the password. */
export function NewUserDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [user, setUser] = useState<NewUser>({ username: "", email: "", kind: "person", is_admin: false });
  const set = (change: Partial<NewUser>) => setUser((old) => ({ ...old, ...change }));
  const save = useMutation({
    mutationFn: () => makeUser(user),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["users"] });
      if (made.kind === "person") return;
      toast(`Made the service account ${made.username}`);
      onClose();
    },
  });
  if (save.data?.kind === "person")
    return (
      <PasswordLinkDialog
        username={save.data.username}
        onClose={onClose}
        lead="The user is there and has no password yet: make a link, and send it to them."
      />
    );
  const error = save.error ? asApiError(save.error) : null;
  const problem = nameProblem(user.username) ?? (error?.param === "user" ? error.message : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog open onClose={onClose} title="New user">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="User name"
          error={problem}
          value={user.username}
          maxLength={128}
          required
          onChange={(event) => set({ username: event.target.value })}
        />
        <TextField
          label="E-mail address"
          hint="May be left out."
          type="email"
          error={error?.param === "email" ? error.message : null}
          value={user.email ?? ""}
          maxLength={254}
          onChange={(event) => set({ email: event.target.value })}
        />
        <Select
          label="Kind"
          value={user.kind ?? "person"}
          options={KINDS}
          onChange={(kind) => set({ kind: kind as "person" | "service", is_admin: false })}
        />
        {user.kind === "person" && (
          <Checkbox
            label="Admin of the server"
            hint="Sees and changes everything: users, teams, prices, engines."
            checked={user.is_admin ?? false}
            onChange={(is_admin) => set({ is_admin })}
          />
        )}
        {error && !problem && error.param !== "email" && <p className="text-bad">{error.message}</p>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            kind="primary"
            busy={save.isPending}
            disabled={!user.username || nameProblem(user.username) !== null}
          >
            Make user
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
