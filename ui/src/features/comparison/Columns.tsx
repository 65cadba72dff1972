import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { ArrowLeft, ArrowRight, GripVertical, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Badge } from "~/components/Badge";
import { Button, IconButton } from "~/components/Button";
import type { Place } from "~/lib/place";
import type { Subject } from "./subject";

export interface ColumnsProps {
  place: Place;
  subjects: Subject[];
  /** The place of the baseline. */
  base: number;
  onBase: (id: string) => void;
  /** Puts one where another is. */
  onPlace: (id: string, at: string) => void;
  onRemove: (id: string) => void;
}

interface ComparisonTableProps extends ColumnsProps {
  label: string;
  /** Rows: a `th` and a cell for each subject. */
  children: ReactNode;
}

/** A column for each subject; a column is dragged, or moved by its arrows. */
export function ComparisonTable({ label, children, ...columns }: ComparisonTableProps) {
  const { subjects } = columns;
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  return (
    <section
      aria-label={label}
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border border-line"
    >
      <table className="w-full border-collapse text-sm">
        <thead className="text-left align-top">
          <tr>
            <th scope="col" className="sticky left-0 z-10 w-44 min-w-28 bg-panel p-3 text-xs text-muted">
              <span className="sr-only">What is compared</span>
            </th>
            {subjects.map((one, index) => (
              <th
                key={one.id}
                scope="col"
                draggable
                onDragStart={(event) => {
                  event.dataTransfer.effectAllowed = "move";
                  event.dataTransfer.setData("text/plain", one.id);
                  setDragged(one.id);
                }}
                onDragOver={(event) => {
                  if (dragged === null) return;
                  event.preventDefault();
                  setOver(one.id);
                }}
                onDrop={(event) => {
                  event.preventDefault();
                  if (dragged !== null) columns.onPlace(dragged, one.id);
                  setDragged(null);
                  setOver(null);
                }}
                onDragEnd={() => {
                  setDragged(null);
                  setOver(null);
                }}
                className={clsx(
                  "min-w-52 border-l border-line p-3 font-medium",
                  over === one.id && dragged !== one.id ? "bg-accent-soft" : "bg-panel",
                )}
              >
                <Head {...columns} subject={one} index={index} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

interface HeadProps extends ColumnsProps {
  subject: Subject;
  index: number;
}

function Head({ place, subjects, base, subject, index, onBase, onPlace, onRemove }: HeadProps) {
  const name = `${subject.label}, ${subject.detail}`;
  const to = (at: number) => subjects[at] && onPlace(subject.id, subjects[at].id);
  return (
    <>
      <div className="flex items-start gap-1">
        <GripVertical aria-hidden className="mt-0.5 size-4 shrink-0 cursor-grab text-muted" />
        <div className="min-w-0 flex-1">
          <Link
            to={`/${place.team}/${place.project}/${subject.path}` as never}
            draggable={false}
            className="break-words text-accent hover:underline"
          >
            {subject.label}
          </Link>
          <div className="text-xs font-normal text-muted">{subject.detail}</div>
        </div>
        {subjects.length > 1 && (
          <IconButton label={`Remove ${name}`} className="-mt-1" onClick={() => onRemove(subject.id)}>
            <X aria-hidden className="size-3.5" />
          </IconButton>
        )}
      </div>
      <div className="mt-1 flex h-7 items-center gap-1">
        {index === base ? (
          <Badge tone="accent">Baseline</Badge>
        ) : (
          <Button small onClick={() => onBase(subject.id)}>
            Make baseline<span className="sr-only">: {name}</span>
          </Button>
        )}
        <span className="flex-1" />
        <IconButton label={`Move ${name} left`} disabled={index === 0} onClick={() => to(index - 1)}>
          <ArrowLeft aria-hidden className="size-3.5" />
        </IconButton>
        <IconButton
          label={`Move ${name} right`}
          disabled={index === subjects.length - 1}
          onClick={() => to(index + 1)}
        >
          <ArrowRight aria-hidden className="size-3.5" />
        </IconButton>
      </div>
    </>
  );
}

/** A heading between rows. */
export function Heading({ columns, children }: { columns: number; children: ReactNode }) {
  return (
    <tr className="border-t border-line bg-panel">
      <th scope="rowgroup" colSpan={columns + 1} className="px-3 py-1 text-left text-xs text-muted">
        {children}
      </th>
    </tr>
  );
}

/** The first cell of a row. */
export function RowName({ children }: { children: ReactNode }) {
  return (
    <th
      scope="row"
      className="sticky left-0 z-10 max-w-56 bg-bg px-3 py-2 text-left align-top text-xs font-medium break-all text-muted"
    >
      {children}
    </th>
  );
}
