import { type FormEvent, useState } from "react";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Select, TextField } from "~/components/Field";
import { type ColumnType, RowsError } from "~/lib/rows/types";
import { COLUMN_TYPES } from "./types";

interface ColumnDialogProps {
  /** The name that it has; null for a new one. */
  initial: string | null;
  onClose: () => void;
  /** Throws a `RowsError` if that cannot be. */
  onDone: (name: string, type: ColumnType) => void;
}

/** A name for a column, and what a new one holds. */
export function ColumnDialog({ initial, onClose, onDone }: ColumnDialogProps) {
  const [name, setName] = useState(initial ?? "");
  const [type, setType] = useState<ColumnType>("text");
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    try {
      onDone(name, type);
    } catch (cause) {
      if (!(cause instanceof RowsError)) throw cause;
      setProblem(`${cause.message}. ${cause.remedy}`);
    }
  };
  return (
    <Dialog open onClose={onClose} title={initial === null ? "Add a column" : `Rename ${initial}`}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          autoFocus
          value={name}
          maxLength={128}
          error={problem}
          onChange={(event) => setName(event.target.value)}
        />
        {initial === null && (
          <Select
            label="Holds"
            value={type}
            options={COLUMN_TYPES}
            onChange={(chosen) => setType(chosen as ColumnType)}
          />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary">
            {initial === null ? "Add column" : "Rename"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
