import * as Ariakit from "@ariakit/react";
import { ListFilter, X } from "lucide-react";
import { useState } from "react";
import { buttonClass } from "~/components/Button";
import type { Seen } from "../table/paths";
import { told } from "./change";
import { FilterEditor } from "./FilterEditor";
import type { Filter } from "./filters";

interface FilterBarProps {
  filters: Filter[];
  seen: Seen[];
  onChange: (filters: Filter[]) => void;
}

/** The filters as chips: each can be changed and taken away, and one more added. */
export function FilterBar({ filters, seen, onChange }: FilterBarProps) {
  const put = (at: number, next: Filter) =>
    onChange(filters.map((one, index) => (index === at ? next : one)));
  return (
    <ul aria-label="Filters" className="flex min-w-0 flex-wrap items-center gap-2">
      {filters.map((filter, at) => (
        <li key={JSON.stringify(filter)} className="min-w-0">
          <Chip
            filter={filter}
            seen={seen}
            onChange={(next) => put(at, next)}
            onRemove={() => onChange(filters.filter((_, index) => index !== at))}
          />
        </li>
      ))}
      <li>
        <Editing
          title="Add a filter"
          button={
            <button type="button" className={buttonClass("plain", true)}>
              <ListFilter aria-hidden className="size-3.5" /> Add filter
            </button>
          }
          filter={null}
          seen={seen}
          onDone={(next) => onChange([...filters, next])}
        />
      </li>
    </ul>
  );
}

interface ChipProps {
  filter: Filter;
  seen: Seen[];
  onChange: (filter: Filter) => void;
  onRemove: () => void;
}

function Chip({ filter, seen, onChange, onRemove }: ChipProps) {
  const { field, op, value } = told(filter);
  const words = `${field} ${op} ${value}`.trim();
  return (
    <span className="flex h-7 max-w-full items-center rounded-full border border-line bg-accent-soft text-xs text-accent pointer-coarse:h-9">
      <Editing
        title="Change the filter"
        button={
          <button
            type="button"
            className="flex h-full min-w-0 items-center gap-1.5 rounded-l-full pr-1 pl-2.5 hover:underline"
          >
            <span className="sr-only">Change the filter </span>
            <span className="max-w-48 truncate font-medium">{field}</span>{" "}
            <span className="shrink-0 text-muted">{op}</span>{" "}
            {value && <span className="max-w-56 truncate">{value}</span>}
          </button>
        }
        filter={filter}
        seen={seen}
        onDone={onChange}
      />
      <button
        type="button"
        aria-label={`Remove the filter ${words}`}
        title="Remove"
        onClick={onRemove}
        className="flex h-full w-7 shrink-0 items-center justify-center rounded-r-full hover:bg-hover"
      >
        <X aria-hidden className="size-3" />
      </button>
    </span>
  );
}

interface EditingProps {
  title: string;
  button: React.ReactElement;
  filter: Filter | null;
  seen: Seen[];
  onDone: (filter: Filter) => void;
}

/** A button that opens the editor of a filter below it. */
function Editing({ title, button, filter, seen, onDone }: EditingProps) {
  const [open, setOpen] = useState(false);
  return (
    <Ariakit.PopoverProvider open={open} setOpen={setOpen} placement="bottom-start">
      <Ariakit.PopoverDisclosure render={button} />
      <Ariakit.Popover
        gutter={6}
        portal
        unmountOnHide
        aria-label={title}
        className="z-50 w-[min(22rem,calc(100vw-1.5rem))] rounded-md border border-line bg-raised p-3 shadow-lg outline-none"
      >
        <FilterEditor
          filter={filter}
          seen={seen}
          onDone={(next) => {
            setOpen(false);
            onDone(next);
          }}
        />
      </Ariakit.Popover>
    </Ariakit.PopoverProvider>
  );
}
