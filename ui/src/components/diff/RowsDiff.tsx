import { useMemo, useState } from "react";
import { Badge, type Tone } from "~/components/Badge";
import { Dialog } from "~/components/Dialog";
import type { GridColumn } from "~/components/grid/columns";
import { Grid } from "~/components/grid/Grid";
import { EmptyState } from "~/components/States";
import { lineOf } from "~/components/value/text";
import { columnsOf, fieldsOf, type Row, type RowChange, rowChanges } from "~/lib/diff/rows";
import { plural } from "~/lib/format";
import { ValueDiff } from "./ValueDiff";

interface RowsDiffProps {
  before: readonly Row[];
  after: readonly Row[];
  label: string;
  /** Only rows that differ. */
  only: boolean;
}

const SIGNS: Record<RowChange["kind"], string> = { same: "", changed: "~", added: "+", removed: "−" };
const TONES: Record<RowChange["kind"], Tone> = {
  same: "plain",
  changed: "warn",
  added: "good",
  removed: "bad",
};

/** Two datasets row by row: what came, what went, what changed in a row. A row opens with its values by path. */
export function RowsDiff({ before, after, label, only }: RowsDiffProps) {
  const changes = useMemo(() => rowChanges(before, after), [before, after]);
  const [open, setOpen] = useState<RowChange | null>(null);
  const shown = useMemo(
    () => (only ? changes.filter((one) => one.kind !== "same") : changes),
    [changes, only],
  );
  const columns = useMemo(() => gridColumns(before, after), [before, after]);
  const of = (kind: RowChange["kind"]) => changes.filter((one) => one.kind === kind).length;
  return (
    <div className="flex flex-col gap-2">
      <p role="status" className="flex flex-wrap gap-2">
        {(["added", "removed", "changed", "same"] as const).map((kind) => (
          <Badge key={kind} tone={TONES[kind]}>
            {plural(of(kind), "row")} {kind === "same" ? "the same" : kind}
          </Badge>
        ))}
      </p>
      <Grid
        label={label}
        columns={columns}
        rows={shown}
        rowKey={keyOf}
        rowName={(one) => `${one.kind} row ${(one.after === -1 ? one.before : one.after) + 1}`}
        onOpen={setOpen}
        empty={<EmptyState title="No row differs" />}
      />
      <Dialog
        drawer
        open={open !== null}
        onClose={() => setOpen(null)}
        title={open ? `Row: ${open.kind}` : ""}
      >
        {open && (
          <ValueDiff
            label="Values of the row"
            layout="side"
            only={false}
            before={before[open.before]?.val ?? {}}
            after={after[open.after]?.val ?? {}}
          />
        )}
      </Dialog>
    </div>
  );
}

function keyOf(one: RowChange): string {
  return `${one.before}:${one.after}`;
}

function gridColumns(before: readonly Row[], after: readonly Row[]): GridColumn<RowChange>[] {
  const names = columnsOf([...after.slice(0, 1_000), ...before.slice(0, 1_000)].map((row) => row.val));
  const place = (at: number) => (at === -1 ? "" : String(at + 1));
  return [
    {
      id: "kind",
      header: "Change",
      width: 104,
      pinned: true,
      cell: ({ kind }) =>
        kind === "same" ? (
          <span className="text-muted">same</span>
        ) : (
          <Badge tone={TONES[kind]}>
            {SIGNS[kind]} {kind}
          </Badge>
        ),
    },
    { id: "before", header: "Was", width: 64, numeric: true, cell: (one) => place(one.before) },
    { id: "after", header: "Is", width: 64, numeric: true, cell: (one) => place(one.after) },
    ...names.map(
      (name): GridColumn<RowChange> => ({
        id: `value.${name}`,
        header: name,
        width: 240,
        cell: (one) => <Cell change={one} name={name} before={before} after={after} />,
      }),
    ),
  ];
}

interface CellProps {
  change: RowChange;
  name: string;
  before: readonly Row[];
  after: readonly Row[];
}

function Cell({ change, name, before, after }: CellProps) {
  const was = lineOf(fieldsOf(before[change.before]?.val)[name]);
  const is = lineOf(fieldsOf(after[change.after]?.val)[name]);
  if (change.kind === "removed") return <del className="text-bad no-underline">{was}</del>;
  if (change.kind === "added") return <ins className="text-good no-underline">{is}</ins>;
  if (!change.fields.includes(name)) return <>{is}</>;
  return (
    <span title={`${was} → ${is}`}>
      <del className="text-bad">{was}</del> <ins className="text-good no-underline">{is}</ins>
    </span>
  );
}
