import { useMutation } from "@tanstack/react-query";
import { Button } from "~/components/Button";
import { CopyButton } from "~/components/Copy";
import { Dialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { passwordLink } from "./queries";

interface PasswordLinkProps {
  username: string;
  onClose: () => void;
  /** What is said before the link is there; about an old password if not given. */
  lead?: string;
}

/** Makes the link by which a user sets a password once. */
export function PasswordLinkDialog({ username, onClose, lead }: PasswordLinkProps) {
  const make = useMutation({ mutationFn: () => passwordLink(username) });
  return (
    <Dialog open onClose={onClose} title={`Password of ${username}`}>
      <div className="flex flex-col gap-4">
        <p>
          {lead ?? "The link lets the user set a new password, once and within four hours."} Earlier links
          stop working when it is made; other logins end when it is used.
        </p>
        {make.data && (
          <div className="flex items-center gap-2">
            <TextField label="Password link" hideLabel readOnly value={make.data} className="font-mono" />
            <CopyButton text={make.data} label="Copy link" withLabel />
          </div>
        )}
        {make.error && <ErrorState error={make.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{make.data ? "Done" : "Cancel"}</Button>
          {!make.data && (
            <Button kind="primary" busy={make.isPending} onClick={() => make.mutate()}>
              Make the link
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
