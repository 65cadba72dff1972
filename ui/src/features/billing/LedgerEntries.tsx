import type { Schema } from "~/api/client";
import { CopyButton } from "~/components/Copy";
import { Section } from "~/components/Page";
import { type Column, Table } from "~/components/Table";
import { count, stamp } from "~/lib/format";
import { exactUsd, nusd } from "~/lib/money";
import { accountLabel } from "./words";

type Entry = Schema<"LedgerEntry">;

const COLUMNS: Column<Entry>[] = [
  {
    id: "account",
    header: "Account",
    cell: (entry) => (
      <span title={entry.account}>
        {accountLabel(entry.kind)}
        {entry.note && <span className="text-muted"> · {entry.note}</span>}
      </span>
    ),
  },
  { id: "amount", header: "USD", numeric: true, cell: (entry) => exactUsd(nusd(entry.amount_nusd)) },
];

/** The transaction that charged for a request: where the money came from, and where it went. */
export function LedgerEntries({ ledger }: { ledger: Schema<"LedgerPlace"> }) {
  return (
    <Section
      title="In the ledger"
      lead={`Transaction ${count(ledger.seq)}, posted ${stamp(new Date(ledger.posted_at))}. Its entries sum to zero.`}
    >
      <Table
        label="Ledger entries"
        columns={COLUMNS}
        rows={ledger.entries}
        rowKey={(entry) => entry.account}
        empty={<p className="text-muted">It cost nothing, so no money moved.</p>}
      />
      <div className="flex items-center gap-2 text-xs text-muted">
        <span>Hash</span>
        <code className="min-w-0 truncate font-mono">{ledger.hash}</code>
        <CopyButton text={ledger.hash} label="Copy hash" />
      </div>
    </Section>
  );
}
