import { type FormEvent, useId, useState } from "react";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";

interface LabelDialogProps {
  title: string;
  hint: string;
  label: string;
  isBusy: boolean;
  onClose: () => void;
  onDone: (label: string) => void;
}

/** Asks what a view is called. */
export function LabelDialog({ title, hint, label, isBusy, onClose, onDone }: LabelDialogProps) {
  const [text, setText] = useState(label);
  const form = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) onDone(text.trim());
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} busy={isBusy} disabled={!text.trim()}>
            Save
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit}>
        <TextField
          label="Name"
          hint={hint}
          autoFocus
          maxLength={128}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
