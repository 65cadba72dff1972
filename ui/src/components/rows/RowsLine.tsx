import { lineOf } from "~/components/value/text";
import { textOfCell } from "~/lib/rows/typed";
import type { Row, RowsColumn, Sheet } from "~/lib/rows/types";
import { CellEditor } from "./CellEditor";
import { NUMBER_WIDTH, ROW_HEIGHT } from "./types";
import type { SheetEditor } from "./useSheet";

interface RowsLineProps {
  id: string;
  sheet: Sheet;
  row: Row;
  index: number;
  start: number;
  widths: number[];
  editor: SheetEditor;
}

export function RowsLine({ id, sheet, row, index, start, widths, editor }: RowsLineProps) {
  const isSelected = editor.selected.has(index);
  const isHere = editor.at.row === index;
  const isEdited = isHere && editor.editing !== null;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={editor.isEditable ? isSelected : undefined}
      className={`absolute left-0 flex min-w-full border-b border-line ${isEdited ? "z-10" : ""} ${
        isSelected ? "bg-accent-soft" : "bg-bg hover:bg-panel"
      }`}
      style={{ height: ROW_HEIGHT, transform: `translateY(${start}px)` }}
    >
      <RowNumber index={index} isSelected={isSelected} editor={editor} />
      {sheet.columns.map((column, at) => {
        const isCurrent = isHere && editor.at.column === at;
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys of all cells are the grid's
          <div
            key={column.name}
            id={`${id}-${index}-${at}`}
            role="gridcell"
            aria-colindex={at + 2}
            onClick={() => {
              // What is being typed is taken as the focus leaves it; what cannot be taken stays open.
              if (editor.editing === null) editor.move({ row: index, column: at });
            }}
            onDoubleClick={() => editor.edit({})}
            className={`relative flex shrink-0 scroll-mt-10 scroll-ml-16 items-center border-r border-line px-2 ${
              column.type === "number" ? "justify-end tabular-nums" : ""
            } ${isCurrent ? "outline-accent -outline-offset-2 group-focus/grid:outline-2" : ""}`}
            style={{ width: widths[at] }}
          >
            <CellText value={row[column.name]} column={column} />
            {isCurrent && isEdited && (
              <CellEditor
                label={`${column.name}, row ${index + 1}`}
                column={column}
                initial={editor.editing?.text ?? textOfCell(row[column.name], column.type)}
                sheet={sheet}
                editor={editor}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

function RowNumber({
  index,
  isSelected,
  editor,
}: {
  index: number;
  isSelected: boolean;
  editor: SheetEditor;
}) {
  return (
    <div
      role="rowheader"
      className="sticky left-0 z-10 flex shrink-0 items-center gap-1.5 border-r border-line bg-panel px-2 text-xs text-muted"
      style={{ width: NUMBER_WIDTH }}
    >
      {editor.isEditable && (
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Mark row ${index + 1}`}
          checked={isSelected}
          onChange={() => editor.toggle(index)}
          className="size-3.5 accent-accent-solid"
        />
      )}
      {index + 1}
    </div>
  );
}

function CellText({ value, column }: { value: Row[string] | undefined; column: RowsColumn }) {
  const text = lineOf(value);
  return (
    <span title={text} className={`truncate ${column.type === "json" ? "font-mono text-xs" : ""}`}>
      {text}
    </span>
  );
}
