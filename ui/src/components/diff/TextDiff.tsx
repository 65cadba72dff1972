import { useMemo, useState } from "react";
import { Button } from "~/components/Button";
import { folded, type Line, type Skipped, type TextRow, textRows, unified } from "~/lib/diff/text";
import { count, plural } from "~/lib/format";
import type { Layout } from "./DiffControls";

interface TextDiffProps {
  before: string;
  after: string;
  label: string;
  layout: Layout;
  /** Only what differs, with a few lines around it. */
  only: boolean;
}

const SHOWN = 1_000;

/** Two texts by lines, what changed in a line by words. */
export function TextDiff({ before, after, label, layout, only }: TextDiffProps) {
  const [most, setMost] = useState(SHOWN);
  const rows = useMemo(() => textRows(before, after), [before, after]);
  const shown = useMemo(() => {
    const wanted = only ? folded(rows) : rows;
    return layout === "unified" ? unified(wanted) : wanted;
  }, [rows, only, layout]);
  if (rows.every((row) => row.kind === "same") && only) return <p className="text-muted">No difference.</p>;
  const Row = layout === "unified" ? UnifiedRow : SideRow;
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="overflow-x-auto rounded-lg border border-line font-mono text-xs leading-5"
    >
      <table className="w-full table-fixed border-collapse">
        <colgroup>
          <col className="w-10" />
          <col className={layout === "unified" ? "w-10" : ""} />
          {layout === "side" && <col className="w-10" />}
          <col />
        </colgroup>
        <tbody>
          {shown.slice(0, most).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names but their place
            <Row key={index} row={row} />
          ))}
        </tbody>
      </table>
      {shown.length > most && (
        <div className="p-2">
          <Button small onClick={() => setMost(most + 5 * SHOWN)}>
            Show more of {count(shown.length)} lines
          </Button>
        </div>
      )}
    </div>
  );
}

interface RowProps {
  row: TextRow | Skipped;
}

const GROUND = { removed: "bg-bad-soft", added: "bg-good-soft" };
const CELL = "px-2 align-top break-words whitespace-pre-wrap";
const NUMBER = "px-1 text-right align-top text-muted select-none";

function SkippedRow({ lines, columns }: { lines: number; columns: number }) {
  return (
    <tr className="bg-panel text-muted">
      <td colSpan={columns} className="px-2 text-center">
        {plural(lines, "line")} the same
      </td>
    </tr>
  );
}

function SideRow({ row }: RowProps) {
  if (row.kind === "skipped") return <SkippedRow lines={row.lines} columns={4} />;
  const differs = row.kind !== "same";
  return (
    <tr>
      <td className={NUMBER}>{row.before?.number}</td>
      <td className={`${CELL} ${differs ? (row.before ? GROUND.removed : "bg-panel") : ""}`}>
        {row.before && <Content line={row.before} side={differs ? "removed" : null} />}
      </td>
      <td className={`${NUMBER} border-l border-line`}>{row.after?.number}</td>
      <td className={`${CELL} ${differs ? (row.after ? GROUND.added : "bg-panel") : ""}`}>
        {row.after && <Content line={row.after} side={differs ? "added" : null} />}
      </td>
    </tr>
  );
}

function UnifiedRow({ row }: RowProps) {
  if (row.kind === "skipped") return <SkippedRow lines={row.lines} columns={3} />;
  const line = row.after ?? row.before;
  if (!line) return null;
  const side = row.kind === "removed" || row.kind === "added" ? row.kind : null;
  return (
    <tr className={side ? GROUND[side] : ""}>
      <td className={NUMBER}>{row.before?.number}</td>
      <td className={NUMBER}>{row.after?.number}</td>
      <td className={CELL}>
        <Content line={line} side={side} />
      </td>
    </tr>
  );
}

/** A line behind its sign, so that no colour says anything alone. */
function Content({ line, side }: { line: Line; side: "removed" | "added" | null }) {
  const Mark = side === "removed" ? "del" : "ins";
  return (
    <>
      <span aria-hidden className="mr-1.5 inline-block w-2 select-none">
        {side === "removed" ? "−" : side === "added" ? "+" : ""}
      </span>
      {line.pieces.map((piece, index) =>
        piece.changed ? (
          <Mark
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one line
            key={index}
            className={`rounded-xs font-semibold no-underline ${side === "removed" ? "bg-bad/20" : "bg-good/20"}`}
          >
            {piece.text}
          </Mark>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}
