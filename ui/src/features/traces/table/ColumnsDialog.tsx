import { ArrowDown, ArrowUp, Pin, PinOff } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { labelOf } from "./known";
import type { Seen } from "./paths";
import { moved, possibleColumns, toggled } from "./shown";

interface ColumnsDialogProps {
  open: boolean;
  onClose: () => void;
  shown: string[];
  pins: string[];
  seen: Seen[];
  onChange: (columns: string[], pins: string[]) => void;
  /** Back to what a table shows by itself; undefined where it does so already. */
  onReset: (() => void) | undefined;
}

/** Which columns there are, in which order, and which stay at the left. */
export function ColumnsDialog({ open, onClose, shown, pins, seen, onChange, onReset }: ColumnsDialogProps) {
  const [text, setText] = useState("");
  const wanted = (path: string) =>
    `${labelOf(path)} ${path}`.toLowerCase().includes(text.trim().toLowerCase());
  const hidden = possibleColumns(seen, []).filter((path) => !shown.includes(path) && wanted(path));
  const own = text.trim();
  const isNew = /^(inputs|output|attributes|summary|feedback)\..+/.test(own) && !shown.includes(own);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Columns"
      drawer
      actions={
        <>
          {onReset && <Button onClick={onReset}>Use the usual ones</Button>}
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <TextField
          label="Find a column"
          type="search"
          hint="Or write any dotted path: inputs.user.name"
          value={text}
          maxLength={1000}
          onChange={(event) => setText(event.target.value)}
        />
        {isNew && !hidden.includes(own) && (
          <Button className="self-start" onClick={() => onChange([...shown, own], pins)}>
            Add {own}
          </Button>
        )}
        <section aria-label="Shown columns" className="flex flex-col gap-1">
          <h2 className="text-base">Shown</h2>
          <ul className="flex flex-col">
            {shown.filter(wanted).map((path) => (
              <ShownColumn
                key={path}
                path={path}
                isPinned={pins.includes(path)}
                isFirst={path === shown[0]}
                isLast={path === shown.at(-1)}
                onHide={() =>
                  onChange(
                    toggled(shown, path),
                    pins.filter((one) => one !== path),
                  )
                }
                onPin={() => onChange(shown, toggled(pins, path))}
                onMove={(by) => onChange(moved(shown, path, by), pins)}
              />
            ))}
          </ul>
        </section>
        <section aria-label="Hidden columns" className="flex flex-col gap-1">
          <h2 className="text-base">Hidden</h2>
          {hidden.length === 0 && <p className="text-muted">None that were seen so far.</p>}
          <ul className="flex flex-col">
            {hidden.map((path) => (
              <li key={path} className="flex min-h-8 items-center">
                <label className="flex min-w-0 flex-1 items-center gap-2">
                  <input
                    type="checkbox"
                    className="size-4 shrink-0 accent-accent-solid"
                    checked={false}
                    onChange={() => onChange([...shown, path], pins)}
                  />
                  <span className="truncate">{labelOf(path)}</span>
                </label>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </Dialog>
  );
}

interface ShownColumnProps {
  path: string;
  isPinned: boolean;
  isFirst: boolean;
  isLast: boolean;
  onHide: () => void;
  onPin: () => void;
  onMove: (by: -1 | 1) => void;
}

function ShownColumn({ path, isPinned, isFirst, isLast, onHide, onPin, onMove }: ShownColumnProps) {
  const name = labelOf(path);
  return (
    <li className="flex min-h-8 items-center gap-1">
      <label className="flex min-w-0 flex-1 items-center gap-2">
        <input type="checkbox" className="size-4 shrink-0 accent-accent-solid" checked onChange={onHide} />
        <span className="truncate">{name}</span>
      </label>
      <IconButton label={isPinned ? `Unpin ${name}` : `Pin ${name}`} aria-pressed={isPinned} onClick={onPin}>
        {isPinned ? <PinOff aria-hidden className="size-3.5" /> : <Pin aria-hidden className="size-3.5" />}
      </IconButton>
      <IconButton label={`Move ${name} up`} disabled={isFirst} onClick={() => onMove(-1)}>
        <ArrowUp aria-hidden className="size-3.5" />
      </IconButton>
      <IconButton label={`Move ${name} down`} disabled={isLast} onClick={() => onMove(1)}>
        <ArrowDown aria-hidden className="size-3.5" />
      </IconButton>
    </li>
  );
}
