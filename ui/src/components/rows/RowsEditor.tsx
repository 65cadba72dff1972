import { useState } from "react";
import { addColumn, addRow, renameColumn } from "~/lib/rows/edit";
import type { Row, RowsColumn, Sheet } from "~/lib/rows/types";
import { ColumnDialog } from "./ColumnDialog";
import { RowsBar } from "./RowsBar";
import { RowsGrid } from "./RowsGrid";
import { useSheet } from "./useSheet";

interface RowsEditorProps {
  columns: RowsColumn[];
  rows: Row[];
  /** Without it, the rows are shown and not changed. */
  onChange?: (sheet: Sheet) => void;
  label: string;
  /** Tailwind's height; the grid scrolls in itself. */
  height?: string;
}

type Asked = { kind: "add" } | { kind: "rename"; name: string } | null;

/**
 * Rows as a sheet: arrows move; Enter, F2, a double click or typing edit; cells of a spreadsheet can be pasted; all can
 * be undone. Give it another `key` for other rows, so that nothing of the old ones can be undone into them.
 */
export function RowsEditor({ columns, rows, onChange, label, height = "max-h-96" }: RowsEditorProps) {
  const sheet = { columns, rows };
  const editor = useSheet(sheet, onChange);
  const [asked, setAsked] = useState<Asked>(null);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {onChange && (
        <RowsBar
          sheet={sheet}
          editor={editor}
          onAddRow={() => {
            const index = rows.length === 0 ? 0 : editor.at.row + 1;
            if (editor.change(() => addRow(sheet, index)))
              editor.move({ row: index, column: editor.at.column });
          }}
          onAddColumn={() => setAsked({ kind: "add" })}
        />
      )}
      <RowsGrid
        sheet={sheet}
        editor={editor}
        label={label}
        height={height}
        onRename={(name) => setAsked({ kind: "rename", name })}
      />
      <div role="alert" className="text-xs text-bad empty:hidden">
        {editor.problem && `${editor.problem.message}. ${editor.problem.remedy}`}
      </div>
      {asked !== null && (
        <ColumnDialog
          initial={asked.kind === "rename" ? asked.name : null}
          onClose={() => setAsked(null)}
          onDone={(name, type) => {
            const next =
              asked.kind === "add" ? addColumn(sheet, name, type) : renameColumn(sheet, asked.name, name);
            editor.change(() => next);
            setAsked(null);
          }}
        />
      )}
    </div>
  );
}
