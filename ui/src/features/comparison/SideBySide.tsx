import { useState } from "react";
import { Button } from "~/components/Button";
import { EmptyState } from "~/components/States";
import { textOf } from "~/components/value/text";
import { words } from "~/lib/diff/text";
import { count } from "~/lib/format";
import { type ColumnsProps, ComparisonTable, RowName } from "./Columns";
import { valueLines } from "./compare";

interface SideBySideProps extends ColumnsProps {
  /** Only what differs. */
  only: boolean;
}

const SHOWN = 200;

/** Every part of what they hold, in a column each; what differs from the baseline is marked by words. */
export function SideBySide({ only, ...columns }: SideBySideProps) {
  const { subjects, base } = columns;
  const [most, setMost] = useState(SHOWN);
  const lines = valueLines(subjects).filter((line) => !only || line.differs);
  if (lines.length === 0) return <EmptyState title={only ? "No differences" : "Nothing to show"} />;
  return (
    <>
      <ComparisonTable label="Side by side" {...columns}>
        {lines.slice(0, most).map((line) => (
          <tr key={line.name} className="border-t border-line">
            <RowName>
              <code>{line.name || "value"}</code>
            </RowName>
            {line.cells.map((cell, index) => (
              <td key={subjects[index]?.id} className="border-l border-line px-3 py-2 align-top">
                <CellText value={cell} base={index === base ? cell : line.cells[base]} />
              </td>
            ))}
          </tr>
        ))}
      </ComparisonTable>
      {lines.length > most && (
        <div>
          <Button onClick={() => setMost(most + 5 * SHOWN)}>Show more of {count(lines.length)} lines</Button>
        </div>
      )}
    </>
  );
}

const MOST_MARKED = 4_000;

function CellText({ value, base }: { value: unknown; base: unknown }) {
  if (value === undefined) return <span className="text-muted">none</span>;
  const [text, other] = [textOf(value), base === undefined ? "" : textOf(base)];
  const look = "font-mono text-xs wrap-anywhere whitespace-pre-wrap";
  if (text === other) return <div className={look}>{text || <span className="text-muted">empty</span>}</div>;
  if (text.length > MOST_MARKED || other.length > MOST_MARKED)
    return <div className={`rounded-xs bg-warn-soft ${look}`}>{text}</div>;
  const pieces = words(other, text)[1];
  const isWhole = pieces.every((piece) => !piece.changed);
  return (
    <div className={`${look} ${isWhole ? "rounded-xs bg-warn-soft" : ""}`}>
      {pieces.map((piece, index) =>
        piece.changed ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text
          <mark key={index} className="rounded-xs bg-warn-soft font-semibold text-fg underline">
            {piece.text}
          </mark>
        ) : (
          piece.text
        ),
      )}
    </div>
  );
}
