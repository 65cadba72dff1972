import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { Button } from "~/components/Button";
import { Field } from "~/components/Field";
import type { Place } from "~/lib/place";
import { opsQuery } from "./queries";

interface OpsPickerProps {
  place: Place;
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** Which ops' calls are meant: by name, of whatever version; none chosen means every op. */
export function OpsPicker({ place, chosen, onChange }: OpsPickerProps) {
  const ops = useQuery(opsQuery(place));
  const [text, setText] = useState("");
  const add = () => {
    const name = text.trim();
    if (name && !chosen.includes(name)) onChange([...chosen, name]);
    setText("");
  };
  const left = (ops.data ?? []).filter((name) => !chosen.includes(name));
  return (
    <div className="flex flex-col gap-2">
      <Field label="Ops" hint="Calls of these ops, of whatever version. None: every op of the project.">
        {(attributes) => (
          <span className="flex gap-2">
            <input
              {...attributes}
              list="monitor-ops"
              value={text}
              autoComplete="off"
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== "Enter") return;
                event.preventDefault();
                add();
              }}
              className="h-8 w-full rounded-md border border-line-strong bg-bg px-2 text-sm pointer-coarse:h-10 pointer-coarse:text-base"
            />
            <Button onClick={add} disabled={!text.trim()}>
              Add
            </Button>
          </span>
        )}
      </Field>
      <datalist id="monitor-ops">
        {left.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {chosen.length > 0 && (
        <ul aria-label="Chosen ops" className="flex flex-wrap gap-1.5">
          {chosen.map((name) => (
            <li
              key={name}
              className="flex items-center gap-1 rounded-full border border-line bg-panel pl-2.5 text-xs"
            >
              <span className="break-all">{name}</span>
              <button
                type="button"
                aria-label={`Leave out ${name}`}
                className="flex size-6 items-center justify-center rounded-full text-muted hover:text-fg"
                onClick={() => onChange(chosen.filter((one) => one !== name))}
              >
                <X aria-hidden className="size-3" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
