import { Columns3, Plus, Redo2, Trash2, Undo2 } from "lucide-react";
import { Button, IconButton } from "~/components/Button";
import { plural } from "~/lib/format";
import type { Sheet } from "~/lib/rows/types";
import type { SheetEditor } from "./useSheet";

interface RowsBarProps {
  sheet: Sheet;
  editor: SheetEditor;
  onAddRow: () => void;
  onAddColumn: () => void;
}

export function RowsBar({ sheet, editor, onAddRow, onAddColumn }: RowsBarProps) {
  const marked = editor.selected.size;
  return (
    <div role="toolbar" aria-label="Change rows" className="flex flex-wrap items-center gap-1.5">
      <Button small onClick={onAddRow} disabled={sheet.columns.length === 0}>
        <Plus aria-hidden className="size-3.5" />
        Add row
      </Button>
      <Button small onClick={onAddColumn}>
        <Columns3 aria-hidden className="size-3.5" />
        Add column
      </Button>
      <Button small onClick={editor.removeRows} disabled={sheet.rows.length === 0}>
        <Trash2 aria-hidden className="size-3.5" />
        {marked > 0 ? `Remove ${plural(marked, "row")}` : "Remove row"}
      </Button>
      <IconButton label="Undo" onClick={editor.undo} disabled={!editor.canUndo}>
        <Undo2 aria-hidden className="size-4" />
      </IconButton>
      <IconButton label="Redo" onClick={editor.redo} disabled={!editor.canRedo}>
        <Redo2 aria-hidden className="size-4" />
      </IconButton>
      <span className="ml-auto text-xs text-muted">
        {plural(sheet.rows.length, "row")}, {plural(sheet.columns.length, "column")}
      </span>
    </div>
  );
}
