import { ChevronDown } from "lucide-react";
import type { PointerEvent } from "react";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "~/components/Menu";
import { removeColumn, retypeColumn } from "~/lib/rows/edit";
import type { RowsColumn, Sheet } from "~/lib/rows/types";
import { COLUMN_TYPES, HEAD_HEIGHT, NUMBER_WIDTH } from "./types";
import type { SheetEditor } from "./useSheet";

interface RowsHeadProps {
  sheet: Sheet;
  editor: SheetEditor;
  widths: number[];
  onPull: (event: PointerEvent<HTMLElement>, at: number) => void;
  onRename: (column: string) => void;
}

const CELL = "flex shrink-0 items-center border-r border-line bg-panel px-2";

export function RowsHead({ sheet, editor, widths, onPull, onRename }: RowsHeadProps) {
  return (
    <div role="rowgroup" className="sticky top-0 z-20 border-b border-line bg-panel text-xs text-muted">
      <div role="row" aria-rowindex={1} className="flex" style={{ height: HEAD_HEIGHT }}>
        <div role="columnheader" className={`${CELL} sticky left-0 z-10`} style={{ width: NUMBER_WIDTH }}>
          Row
        </div>
        {sheet.columns.map((column, at) => (
          <div
            key={column.name}
            role="columnheader"
            className={`relative ${CELL}`}
            style={{ width: widths[at] }}
          >
            {editor.isEditable ? (
              <ColumnMenu sheet={sheet} editor={editor} column={column} onRename={onRename} />
            ) : (
              <span className="truncate font-medium">{column.name}</span>
            )}
            <div
              aria-hidden
              className="absolute inset-y-1 right-0 w-1.5 cursor-col-resize touch-none rounded hover:bg-line-strong"
              onPointerDown={(event) => onPull(event, at)}
            />
          </div>
        ))}
      </div>
    </div>
  );
}

interface ColumnMenuProps extends Pick<RowsHeadProps, "sheet" | "editor" | "onRename"> {
  column: RowsColumn;
}

function ColumnMenu({ sheet, editor, column, onRename }: ColumnMenuProps) {
  const type = COLUMN_TYPES.find((one) => one.value === column.type)?.label.toLowerCase();
  return (
    <Menu
      label={`Column ${column.name}`}
      button={
        <button
          type="button"
          aria-label={`Column ${column.name}, ${type}`}
          className="flex min-w-0 flex-1 items-center gap-1 rounded py-1 text-left hover:text-fg"
        >
          <span className="truncate font-medium" title={column.name}>
            {column.name}
          </span>
          <ChevronDown aria-hidden className="size-3 shrink-0" />
        </button>
      }
    >
      <MenuItem onSelect={() => onRename(column.name)}>Rename…</MenuItem>
      <MenuSeparator />
      <MenuLabel>Holds</MenuLabel>
      {COLUMN_TYPES.map(({ value, label }) => (
        <MenuItem
          key={value}
          disabled={value === column.type}
          onSelect={() => editor.change(() => retypeColumn(sheet, column.name, value))}
        >
          {label}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem onSelect={() => editor.change(() => removeColumn(sheet, column.name))}>
        Remove column
      </MenuItem>
    </Menu>
  );
}
