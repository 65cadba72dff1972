import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { X } from "lucide-react";
import type { CatalogModel } from "~/api/catalog";
import { Badge } from "~/components/Badge";
import { Button, IconButton } from "~/components/Button";
import { EmptyState } from "~/components/States";
import type { Cell, Row } from "./compare";

interface CompareTableProps {
  /** The baseline first. */
  models: readonly CatalogModel[];
  rows: readonly Row[];
  onBaseline: (id: string) => void;
  onRemove: (id: string) => void;
}

/** A column for each model; the baseline is what the others are measured against. */
export function CompareTable({ models, rows, onBaseline, onRemove }: CompareTableProps) {
  if (rows.length === 0)
    return (
      <EmptyState title="No differences">These models do not differ in anything that is known.</EmptyState>
    );
  return (
    <section
      aria-label="Comparison"
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border border-line"
    >
      <table className="w-full border-collapse text-sm">
        <thead className="text-left align-top">
          <tr>
            <th
              scope="col"
              className="sticky left-0 z-10 min-w-28 bg-panel p-3 text-xs text-muted sm:min-w-44"
            >
              Specification
            </th>
            {models.map((model, index) => (
              <th key={model.id} scope="col" className="min-w-48 bg-panel p-3 font-medium">
                <div className="flex items-start gap-1">
                  <Link
                    to="/catalog/$"
                    params={{ _splat: model.id }}
                    className="min-w-0 flex-1 break-words hover:underline"
                  >
                    {model.label}
                  </Link>
                  <IconButton
                    label={`Remove ${model.label}`}
                    className="-mt-1"
                    onClick={() => onRemove(model.id)}
                  >
                    <X aria-hidden className="size-3.5" />
                  </IconButton>
                </div>
                <div className="mt-1 flex h-7 items-center">
                  {index === 0 ? (
                    <Badge tone="accent">Baseline</Badge>
                  ) : (
                    <Button small onClick={() => onBaseline(model.id)}>
                      Make baseline<span className="sr-only">: {model.label}</span>
                    </Button>
                  )}
                </div>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} className="border-t border-line align-top">
              <th
                scope="row"
                className="sticky left-0 z-10 bg-bg p-3 text-left text-xs font-medium text-muted"
              >
                {row.label}
              </th>
              {row.cells.map((cell, index) => (
                <td key={models[index]?.id} className={clsx("p-3", row.isLong && "text-xs")}>
                  <CellText cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function CellText({ cell }: { cell: Cell }) {
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <span className="break-words">
        {cell.isBest ? <strong title="The best of these">{cell.text}</strong> : cell.text}
        {cell.isBest && <span className="sr-only"> (best)</span>}
      </span>
      {cell.difference && cell.difference.text !== "same" && (
        <Badge tone={cell.difference.tone} title="Against the baseline">
          {cell.difference.text}
        </Badge>
      )}
    </span>
  );
}
