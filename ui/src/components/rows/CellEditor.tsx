import { type FocusEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { RowsColumn, Sheet } from "~/lib/rows/types";
import type { SheetEditor } from "./useSheet";

interface CellEditorProps {
  label: string;
  column: RowsColumn;
  initial: string;
  sheet: Sheet;
  editor: SheetEditor;
}

const LINE_CHARS = 44;
const MAX_LINES = 10;

/** Over the cell: Enter takes it, Shift+Enter is a new line, Tab goes on to the right, Escape leaves it as it was. */
export function CellEditor({ label, column, initial, sheet, editor }: CellEditorProps) {
  const [text, setText] = useState(initial);
  const field = useRef<HTMLTextAreaElement>(null);
  // Taking the field away is a blur, too, after the text was taken or left.
  const done = useRef(false);
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
  }, []);
  const { at } = editor;
  const commit = (row: number, to: number) => {
    const place = {
      row: Math.min(sheet.rows.length - 1, row),
      column: Math.min(sheet.columns.length - 1, to),
    };
    done.current = true;
    done.current = editor.commit(text, place);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      done.current = true;
      editor.edit(null);
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      commit(at.row + 1, at.column);
    } else if (event.key === "Tab") {
      event.preventDefault();
      commit(at.row, Math.max(0, at.column + (event.shiftKey ? -1 : 1)));
    }
  };
  const onBlur = (event: FocusEvent) => {
    if (!done.current && event.relatedTarget !== event.currentTarget) commit(at.row, at.column);
  };
  const lines = text.split("\n").reduce((sum, line) => sum + 1 + Math.floor(line.length / LINE_CHARS), 0);
  return (
    <textarea
      ref={field}
      aria-label={label}
      aria-invalid={editor.problem !== null || undefined}
      value={text}
      rows={Math.min(MAX_LINES, lines)}
      spellCheck={column.type === "text"}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={onBlur}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
      className={`absolute top-0 left-0 z-30 w-full min-w-72 resize-y rounded-sm border border-accent bg-raised px-2 py-1.5 text-sm text-fg shadow-lg aria-invalid:border-bad ${
        column.type === "json" ? "font-mono text-xs" : ""
      }`}
    />
  );
}
