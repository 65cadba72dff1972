import { useState } from "react";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Checkbox } from "~/components/Field";
import { MOST_SHOWN } from "./search";
import type { Subject } from "./subject";

interface ChooserProps {
  subjects: Subject[];
  shown: string[];
  onChange: (shown: string[]) => void;
}

/** Which of them are shown, where there are more than two. */
export function Chooser({ subjects, shown, onChange }: ChooserProps) {
  const [open, setOpen] = useState(false);
  if (subjects.length <= 2) return null;
  const toggle = (id: string, on: boolean) =>
    onChange(on ? [...shown, id] : shown.filter((one) => one !== id));
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        {shown.length} of {subjects.length} shown…
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={`Show up to ${MOST_SHOWN}`}>
        <div className="flex flex-col gap-2">
          {subjects.map((one) => {
            const on = shown.includes(one.id);
            return (
              <Checkbox
                key={one.id}
                label={one.label}
                hint={one.detail}
                checked={on}
                disabled={on ? shown.length === 1 : shown.length >= MOST_SHOWN}
                onChange={(next) => toggle(one.id, next)}
              />
            );
          })}
        </div>
      </Dialog>
    </>
  );
}
