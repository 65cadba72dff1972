import * as Ariakit from "@ariakit/react";
import { clsx } from "clsx";
import { X } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "./Button";
import { TextField } from "./Field";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** Buttons at the foot, the main one last. */
  actions?: ReactNode;
  /** From the right, over the whole height: for editors. */
  drawer?: boolean;
  wide?: boolean;
}

/** A modal window. Escape and a click outside close it; the focus comes back to where it was. */
export function Dialog({ open, onClose, title, children, actions, drawer, wide }: DialogProps) {
  return (
    <Ariakit.Dialog
      open={open}
      onClose={onClose}
      unmountOnHide
      backdrop={<div className="bg-black/40" />}
      className={clsx(
        "fixed z-50 flex flex-col border border-line bg-raised shadow-xl",
        drawer ? "inset-y-0 right-0 w-full max-w-2xl" : "inset-x-3 top-[8vh] mx-auto max-h-[84vh] rounded-lg",
        !drawer && (wide ? "max-w-3xl" : "max-w-lg"),
      )}
    >
      <header className="flex items-center justify-between gap-2 border-b border-line px-4 py-2.5">
        <Ariakit.DialogHeading className="text-base font-semibold">{title}</Ariakit.DialogHeading>
        <Ariakit.DialogDismiss
          aria-label="Close"
          className="inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-hover"
        >
          <X aria-hidden className="size-4" />
        </Ariakit.DialogDismiss>
      </header>
      <div className="min-h-0 flex-1 overflow-auto p-4">{children}</div>
      {actions && (
        <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-2.5">
          {actions}
        </footer>
      )}
    </Ariakit.Dialog>
  );
}

interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** What happens, and that it cannot be undone where it cannot. */
  children: ReactNode;
  /** The word on the button: a verb. */
  verb: string;
  onConfirm: () => void;
  busy?: boolean;
  /** To be typed before the button works, where much is lost. */
  typed?: string;
}

/** Asks before something is lost. */
export function ConfirmDialog({
  open,
  onClose,
  title,
  children,
  verb,
  onConfirm,
  busy,
  typed,
}: ConfirmProps) {
  const [text, setText] = useState("");
  const ready = typed === undefined || text === typed;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onConfirm();
  };
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <div>{children}</div>
        {typed !== undefined && (
          <TextField
            label={`Type ${typed} to confirm`}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="danger" busy={busy} disabled={!ready}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
