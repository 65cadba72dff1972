import { useState } from "react";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Grid } from "~/components/grid/Grid";
import { plural } from "~/lib/format";
import { kindOf } from "./kind";
import { MediaView } from "./MediaView";
import { lineOf } from "./text";
import { ValueView } from "./ValueView";

type Row = Record<string, unknown>;

interface RowsViewProps {
  rows: Row[];
  columns: string[];
  label: string;
}

interface Numbered {
  row: Row;
  at: number;
}

/** A list of objects as a table; a row opens as a whole. */
export function RowsView({ rows, columns, label }: RowsViewProps) {
  const [open, setOpen] = useState<Numbered | null>(null);
  const [asTable, setAsTable] = useState(true);
  const numbered = rows.map((row, at) => ({ row, at }));
  if (!asTable)
    return (
      <div className="flex flex-col gap-2">
        <Button small className="self-start" onClick={() => setAsTable(true)}>
          As a table
        </Button>
        {numbered.slice(0, 20).map(({ row, at }) => (
          <ValueView key={at} label={`${label} ${at}`} value={row} />
        ))}
      </div>
    );
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <Grid
        label={`${label}: ${plural(rows.length, "row")}`}
        rows={numbered}
        rowKey={({ at }) => String(at)}
        rowName={({ at }) => `row ${at}`}
        height="max-h-96"
        onOpen={setOpen}
        columns={[
          { id: "#", header: "#", cell: ({ at }: Numbered) => at, width: 52, numeric: true },
          ...columns.map((column) => ({
            id: column,
            header: column,
            cell: ({ row }: Numbered) => <Cell value={row[column]} label={column} />,
            title: ({ row }: Numbered) => lineOf(row[column]).slice(0, 200),
            width: columns.length > 3 ? 160 : 240,
          })),
        ]}
      />
      <div className="flex items-center gap-2 text-xs text-muted">
        {plural(rows.length, "row")}; Enter or a click opens one.
        {rows.length <= 20 && (
          <Button small kind="quiet" onClick={() => setAsTable(false)}>
            As a list
          </Button>
        )}
      </div>
      {open && (
        <Dialog open onClose={() => setOpen(null)} title={`${label}, row ${open.at}`} drawer>
          <ValueView label={`Row ${open.at}`} value={open.row} />
        </Dialog>
      )}
    </div>
  );
}

function Cell({ value, label }: { value: unknown; label: string }) {
  const kind = kindOf(value);
  if (kind.is === "media" && kind.media.kind === "image")
    return <MediaView media={kind.media} label={label} isSmall />;
  return <>{lineOf(value)}</>;
}
