import { Plus, X } from "lucide-react";
import { Button, IconButton } from "~/components/Button";
import { Select, TextField } from "~/components/Field";
import type { Mapped } from "./mapping";

interface MappingTableProps {
  mapped: Mapped[];
  paths: string[];
  /** The columns are a dataset's own: others can be added, these are filled or left empty. */
  isFixed: boolean;
  onChange: (mapped: Mapped[]) => void;
}

/** Which field of a call goes into which column. */
export function MappingTable({ mapped, paths, isFixed, onChange }: MappingTableProps) {
  const set = (index: number, changed: Partial<Mapped>) =>
    onChange(mapped.map((one, at) => (at === index ? { ...one, ...changed } : one)));
  const options = [{ value: "", label: "nothing" }, ...paths.map((path) => ({ value: path, label: path }))];
  return (
    <div className="flex flex-col gap-2">
      <ul className="flex flex-col gap-2">
        {mapped.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: columns are renamed while one types
          <li key={index} className="flex flex-wrap items-center gap-2">
            <div className="w-44 max-w-full">
              <TextField
                label={`Name of column ${index + 1}`}
                hideLabel
                placeholder="Column"
                value={one.column}
                onChange={(event) => set(index, { column: event.target.value })}
              />
            </div>
            <span aria-hidden className="text-muted">
              ←
            </span>
            <div className="w-60 max-w-full">
              <Select
                label={`Field for ${one.column || `column ${index + 1}`}`}
                hideLabel
                value={one.path}
                options={options}
                onChange={(path) => set(index, { path })}
              />
            </div>
            <IconButton
              label={`Leave out ${one.column || `column ${index + 1}`}`}
              onClick={() => onChange(mapped.filter((_, at) => at !== index))}
            >
              <X aria-hidden className="size-3.5" />
            </IconButton>
          </li>
        ))}
      </ul>
      <div>
        <Button small onClick={() => onChange([...mapped, { column: "", path: "" }])}>
          <Plus aria-hidden className="size-3.5" /> Add a column
        </Button>
        {isFixed && (
          <span className="ml-2 text-xs text-muted">Columns of “nothing” stay out of the new rows.</span>
        )}
      </div>
    </div>
  );
}
