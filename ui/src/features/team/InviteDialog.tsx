import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { CopyButton } from "~/components/Copy";
import { Dialog } from "~/components/Dialog";
import { Select, TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { invite, putMember, type Role } from "./queries";
import { ROLES } from "./words";

interface InviteProps {
  team: string;
  open: boolean;
  onClose: () => void;
}

/** Lets somebody in: by a link that works once, or at once where the user name is known. */
export function InviteDialog({ team, open, onClose }: InviteProps) {
  return (
    <Dialog open={open} onClose={onClose} title={`Invite to ${team}`}>
      <InviteForm team={team} onClose={onClose} />
    </Dialog>
  );
}

function InviteForm({ team, onClose }: { team: string; onClose: () => void }) {
  const client = useQueryClient();
  const [who, setWho] = useState("");
  const [role, setRole] = useState<Role>("member");
  const known = who.trim() !== "" && !who.includes("@");
  const send = useMutation({
    mutationFn: async () => {
      if (!known) return (await invite(team, role, who.trim())).url;
      await putMember(team, who.trim(), role);
      return null;
    },
    onSuccess: (url) => {
      void client.invalidateQueries({ queryKey: ["team", team] });
      if (url === null) onClose();
    },
  });
  if (send.data) return <MadeLink url={send.data} onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const error = send.error ? asApiError(send.error) : null;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="E-mail address or user name"
        hint="An address, or nothing, makes a link that works once. A user name of this server adds the user at once."
        value={who}
        maxLength={254}
        onChange={(event) => setWho(event.target.value)}
      />
      <Select
        label="Role"
        hint={ROLES.find((one) => one.value === role)?.may}
        value={role}
        options={ROLES.map(({ value, label }) => ({ value, label }))}
        onChange={(value) => setRole(value as Role)}
      />
      {error && <ErrorState error={error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" busy={send.isPending}>
          {known ? "Add" : "Make a link"}
        </Button>
      </div>
    </form>
  );
}

function MadeLink({ url, onClose }: { url: string; onClose: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <p>
        Send this link to whoever is to come in. It works once, and is shown only now; it ends after a week.
      </p>
      <div className="flex items-center gap-2">
        <TextField label="Invitation link" hideLabel readOnly value={url} className="font-mono" />
        <CopyButton text={url} label="Copy link" withLabel />
      </div>
      <div className="flex justify-end">
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}
