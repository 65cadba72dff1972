/** What keys do in a sheet. Pure. */

export interface At {
  row: number;
  column: number;
}

export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export type Deed =
  | { kind: "move"; to: At }
  | { kind: "edit"; text?: string }
  | { kind: "clear" }
  | { kind: "select" }
  | { kind: "undo" }
  | { kind: "redo" };

const PAGE_ROWS = 12;

/** What a key means at a place of a sheet of so many rows and columns; null: it is the browser's. */
export function deedOf(key: Key, at: At, rows: number, columns: number): Deed | null {
  const command = key.ctrlKey || key.metaKey;
  const letter = key.key.toLowerCase();
  if (command && letter === "z") return { kind: key.shiftKey ? "redo" : "undo" };
  if (command && letter === "y") return { kind: "redo" };
  const to = moved(key.key, command, at, rows, columns);
  if (to !== null) return { kind: "move", to: within(to, rows, columns) };
  if (command || key.altKey) return null;
  if (key.key === "Enter" || key.key === "F2") return { kind: "edit" };
  if (key.key === "Delete" || key.key === "Backspace") return { kind: "clear" };
  if (key.key === " " && key.shiftKey) return { kind: "select" };
  return key.key.length === 1 ? { kind: "edit", text: key.key } : null;
}

/** The place, or the nearest one that there is. */
export function within(at: At, rows: number, columns: number): At {
  const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
  return { row: clamp(at.row, rows), column: clamp(at.column, columns) };
}

function moved(key: string, command: boolean, { row, column }: At, rows: number, columns: number): At | null {
  switch (key) {
    case "ArrowUp":
      return { row: command ? 0 : row - 1, column };
    case "ArrowDown":
      return { row: command ? rows - 1 : row + 1, column };
    case "ArrowLeft":
      return { row, column: command ? 0 : column - 1 };
    case "ArrowRight":
      return { row, column: command ? columns - 1 : column + 1 };
    case "PageUp":
      return { row: row - PAGE_ROWS, column };
    case "PageDown":
      return { row: row + PAGE_ROWS, column };
    case "Home":
      return { row: command ? 0 : row, column: 0 };
    case "End":
      return { row: command ? rows - 1 : row, column: columns - 1 };
    default:
      return null;
  }
}
