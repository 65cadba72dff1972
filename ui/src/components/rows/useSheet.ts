import { useState } from "react";
import { pasteAt, removeRows, setCell } from "~/lib/rows/edit";
import { type History, NO_HISTORY, redo, remember, undo } from "~/lib/rows/history";
import { type At, within } from "~/lib/rows/keys";
import { cellOfText } from "~/lib/rows/typed";
import { RowsError, type Sheet } from "~/lib/rows/types";

export interface Editing {
  /** Typed over what was there; else what is there is edited. */
  text?: string;
}

export type SheetEditor = ReturnType<typeof useSheet>;

/** What a rows editor knows: where one is, what is marked, and what can be undone. */
export function useSheet(sheet: Sheet, onChange: ((sheet: Sheet) => void) | undefined) {
  const [history, setHistory] = useState<History<Sheet>>(NO_HISTORY);
  const [wanted, setAt] = useState<At>({ row: 0, column: 0 });
  const [editing, setEditing] = useState<Editing | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [problem, setProblem] = useState<RowsError | null>(null);
  const at = within(wanted, sheet.rows.length, sheet.columns.length);

  /** Changes the sheet, or shows why that cannot be. @returns whether it could */
  const change = (next: () => Sheet): boolean => {
    if (!onChange) return false;
    try {
      const made = next();
      setProblem(null);
      if (made !== sheet) {
        setHistory(remember(history, sheet));
        onChange(made);
      }
      return true;
    } catch (cause) {
      if (!(cause instanceof RowsError)) throw cause;
      setProblem(cause);
      return false;
    }
  };
  const step = (to: [History<Sheet>, Sheet] | null) => {
    if (to === null || !onChange) return;
    setHistory(to[0]);
    setSelected(new Set());
    onChange(to[1]);
  };
  return {
    at,
    editing,
    selected,
    problem,
    isEditable: onChange !== undefined,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    change,
    move: (to: At) => {
      setAt(to);
      setEditing(null);
      setProblem(null);
    },
    edit: (how: Editing | null) => {
      setProblem(null);
      setEditing(onChange && sheet.rows.length > 0 && sheet.columns.length > 0 ? how : null);
    },
    /** Takes what was typed, and goes on to another cell. */
    commit: (text: string, to: At): boolean => {
      const column = sheet.columns[at.column];
      const taken =
        column !== undefined &&
        change(() => setCell(sheet, at.row, column.name, cellOfText(text, column.type)));
      if (taken) {
        setEditing(null);
        setAt(to);
      }
      return taken;
    },
    clear: () => {
      const column = sheet.columns[at.column];
      const empty = column?.type === "text" ? "" : undefined;
      if (column) change(() => setCell(sheet, at.row, column.name, empty));
    },
    toggle: (row: number) => {
      const next = new Set(selected);
      if (!next.delete(row)) next.add(row);
      setSelected(next);
    },
    /** The marked rows, or else the one where one is. */
    removeRows: () => {
      change(() => removeRows(sheet, selected.size > 0 ? selected : new Set([at.row])));
      setSelected(new Set());
    },
    paste: (cells: string[][]) => change(() => pasteAt(sheet, at.row, at.column, cells)),
    undo: () => step(undo(history, sheet)),
    redo: () => step(redo(history, sheet)),
  };
}
