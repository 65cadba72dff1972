import { Link } from "@tanstack/react-router";
import type { Schema } from "~/api/client";
import { Badge } from "~/components/Badge";
import { EmptyState } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { day } from "~/lib/format";
import { pricePerMillion } from "~/lib/money";

type Model = Schema<"ModelPrices">;

/** The price that holds now, and the next one that waits for its day. */
export function inForce(model: Model) {
  const now = model.history.find((price) => price.stage === "in_force");
  const next = model.history.filter((price) => price.stage === "scheduled").at(-1);
  return { now, next };
}

const COLUMNS: Column<Model>[] = [
  {
    id: "model",
    header: "Model",
    cell: (model) => (
      <Link to="." search={{ model: model.model }} className="block max-w-72 truncate" title={model.model}>
        {model.model}
      </Link>
    ),
  },
  {
    id: "input",
    header: "Input",
    numeric: true,
    cell: (model) => dollars(inForce(model).now?.input_nusd_per_mtok),
  },
  {
    id: "cached",
    header: "Cached",
    numeric: true,
    hideBelow: "md",
    cell: (model) => dollars(inForce(model).now?.cached_input_nusd_per_mtok),
  },
  {
    id: "output",
    header: "Output",
    numeric: true,
    cell: (model) => dollars(inForce(model).now?.output_nusd_per_mtok),
  },
  {
    id: "since",
    header: "Since",
    hideBelow: "sm",
    cell: (model) => {
      const now = inForce(model).now;
      if (!now) return "—";
      return now.version.endsWith("@unpriced") ? "no price set" : day(new Date(now.effective_at));
    },
  },
  {
    id: "next",
    header: "Next",
    cell: (model) => {
      const next = inForce(model).next;
      return next ? <Badge tone="accent">from {day(new Date(next.effective_at))}</Badge> : null;
    },
  },
  {
    id: "versions",
    header: "Versions",
    numeric: true,
    hideBelow: "md",
    cell: (model) => model.history.length,
  },
];

function dollars(text: string | undefined): string {
  return text === undefined ? "—" : pricePerMillion(text);
}

/** Every model of the book with the price that holds now; dollars per million tokens. */
export function PriceTable({ models, search }: { models: Model[]; search: string }) {
  const wanted = search.trim().toLowerCase();
  const rows = models.filter((model) => `${model.model} ${model.label}`.toLowerCase().includes(wanted));
  return (
    <Table
      label="Prices"
      columns={COLUMNS}
      rows={rows}
      rowKey={(model) => model.model}
      empty={<EmptyState title="No model has such a name">Look for another part of a name.</EmptyState>}
    />
  );
}
