import { useVirtualizer } from "@tanstack/react-virtual";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useRef } from "react";
import { readTabs, writeTabs } from "~/lib/rows/csv";
import { type At, deedOf } from "~/lib/rows/keys";
import { textOfCell } from "~/lib/rows/typed";
import type { Row, Sheet } from "~/lib/rows/types";
import { RowsHead } from "./RowsHead";
import { RowsLine } from "./RowsLine";
import { HEAD_HEIGHT, NUMBER_WIDTH, ROW_HEIGHT } from "./types";
import type { SheetEditor } from "./useSheet";
import { useWidths } from "./useWidths";

interface RowsGridProps {
  sheet: Sheet;
  editor: SheetEditor;
  label: string;
  height: string;
  onRename: (column: string) => void;
}

/** The cells. The grid itself has the focus and names the cell where one is, so that rows may come and go below it. */
export function RowsGrid({ sheet, editor, label, height, onRename }: RowsGridProps) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const { widths, pull } = useWidths(sheet.columns);
  const { at, editing } = editor;
  const virtual = useVirtualizer({
    count: sheet.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    scrollPaddingEnd: HEAD_HEIGHT,
  });
  const cellId = `${id}-${at.row}-${at.column}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the virtualizer is another one each time
  useEffect(() => {
    if (!scroller.current?.contains(document.activeElement)) return;
    virtual.scrollToIndex(at.row);
    requestAnimationFrame(() =>
      document.getElementById(cellId)?.scrollIntoView({ block: "nearest", inline: "nearest" }),
    );
  }, [at.row, cellId]);
  // What is typed next goes to the grid again, unless somebody went elsewhere.
  const wasEditing = useRef(false);
  useEffect(() => {
    const active = document.activeElement;
    if (wasEditing.current && editing === null && (active === null || active === document.body))
      scroller.current?.focus({ preventScroll: true });
    wasEditing.current = editing !== null;
  }, [editing]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const deed = deedOf(event, at, sheet.rows.length, sheet.columns.length);
    if (deed === null || (!editor.isEditable && deed.kind !== "move")) return;
    event.preventDefault();
    if (deed.kind === "move") editor.move(deed.to);
    else if (deed.kind === "edit") editor.edit(deed.text === undefined ? {} : { text: deed.text });
    else if (deed.kind === "select") editor.toggle(at.row);
    else editor[deed.kind]();
  };
  const onPaste = (event: ClipboardEvent) => {
    if (!editor.isEditable || event.target !== event.currentTarget) return;
    event.preventDefault();
    editor.paste(readTabs(event.clipboardData.getData("text/plain")));
  };
  const onCopy = (event: ClipboardEvent) => {
    if (event.target !== event.currentTarget || !document.getSelection()?.isCollapsed) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", copied(sheet, editor.selected, at));
  };
  const items = virtual.getVirtualItems();
  const isDrawn = items.some((item) => item.index === at.row) && sheet.columns.length > 0;
  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={sheet.rows.length + 1}
      aria-colcount={sheet.columns.length + 1}
      aria-readonly={!editor.isEditable}
      aria-activedescendant={isDrawn ? cellId : undefined}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
      onCopy={onCopy}
      className={`group/grid relative overflow-auto rounded-lg border border-line text-sm outline-offset-1 ${height} ${
        editing ? "min-h-64" : ""
      }`}
    >
      <div
        className="relative min-w-full"
        style={{ width: widths.reduce((sum, one) => sum + one, NUMBER_WIDTH) }}
      >
        <RowsHead sheet={sheet} editor={editor} widths={widths} onPull={pull} onRename={onRename} />
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => (
            <RowsLine
              key={item.index}
              id={id}
              sheet={sheet}
              row={sheet.rows[item.index] as Row}
              index={item.index}
              start={item.start}
              widths={widths}
              editor={editor}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/** The marked rows, or the one cell. */
function copied(sheet: Sheet, selected: ReadonlySet<number>, at: At): string {
  const textsOf = (row: Row | undefined) =>
    sheet.columns.map((column) => textOfCell(row?.[column.name], column.type));
  const rows = [...selected].sort((one, other) => one - other).map((index) => textsOf(sheet.rows[index]));
  return writeTabs(rows.length > 0 ? rows : [[textsOf(sheet.rows[at.row])[at.column] ?? ""]]);
}
