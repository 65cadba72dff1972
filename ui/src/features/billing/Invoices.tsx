import { useQuery } from "@tanstack/react-query";
import type { Schema } from "~/api/client";
import { Money } from "~/components/Figures";
import { Section } from "~/components/Page";
import { Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { day } from "~/lib/format";
import { invoicesQuery } from "./queries";
import { monthName } from "./words";

interface Row {
  month: string;
  number: string;
  issued: string;
  due: string | null;
}

function columns(team: string): Column<Row>[] {
  const file = (row: Row, format: string) =>
    `/api/invoices/${encodeURIComponent(team)}/${row.month}?format=${format}`;
  return [
    { id: "month", header: "Month", cell: (row) => monthName(row.month) },
    { id: "number", header: "Number", cell: (row) => row.number },
    { id: "issued", header: "Issued", hideBelow: "sm", cell: (row) => row.issued },
    {
      id: "due",
      header: "To pay",
      numeric: true,
      cell: (row) => (row.due === null ? "" : <Money nanoUsd={row.due} />),
    },
    {
      id: "files",
      header: "Files",
      cell: (row) => (
        <span className="flex gap-3 whitespace-nowrap">
          <FileLink href={file(row, "html")} of={row} what="HTML" newTab />
          <FileLink href={file(row, "pdf")} of={row} what="PDF" />
          <FileLink href={file(row, "csv")} of={row} what="CSV" />
          <FileLink
            href={`/api/statements/${encodeURIComponent(team)}/${row.month}`}
            of={row}
            what="Statement"
          />
        </span>
      ),
    },
  ];
}

interface FileLinkProps {
  href: string;
  of: Row;
  what: string;
  newTab?: boolean;
}

function FileLink({ href, of, what, newTab }: FileLinkProps) {
  return (
    <a
      href={href}
      aria-label={`${what} of ${monthName(of.month)}`}
      className="text-accent hover:underline"
      {...(newTab ? { target: "_blank", rel: "noreferrer" } : { download: "" })}
    >
      {what}
    </a>
  );
}

/** Invoices as files; the present month's is a draft. */
export function Invoices({ team, month }: { team: string; month: string }) {
  const invoices = useQuery(invoicesQuery(team));
  return (
    <Section
      title="Invoices"
      lead="An invoice is made when its month is over. The signed statement holds every charge, and is checked without this server."
    >
      <Loaded query={invoices}>
        {(data) => (
          <Table
            label="Invoices by month"
            columns={columns(team)}
            rows={[draftOf(month), ...data.invoices.map(rowOf)]}
            rowKey={(row) => row.month}
          />
        )}
      </Loaded>
    </Section>
  );
}

function draftOf(month: string): Row {
  return { month, number: "draft", issued: "", due: null };
}

function rowOf(line: Schema<"InvoiceLine">): Row {
  return {
    month: line.month,
    number: line.number,
    issued: day(new Date(line.issued_at)),
    due: line.due_nusd,
  };
}
