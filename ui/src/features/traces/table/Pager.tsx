import { Button } from "~/components/Button";
import { Select } from "~/components/Field";
import { count, plural, short } from "~/lib/format";
import { SIZES } from "../search";
import type { Rows } from "./useRows";

interface PagerProps {
  table: Rows;
  size: number;
  page: number;
  onSize: (size: number) => void;
  onPage: (page: number) => void;
}

/** How many rows there are, and the way through them where they are more than one page. */
export function Pager({ table, size, page, onSize, onPage }: PagerProps) {
  const { total, isMore } = table;
  const last = total === null || isMore ? null : Math.max(1, Math.ceil(total / size));
  const first = (page - 1) * size + 1;
  const end = first + table.rows.length - 1;
  const paged = page > 1 || last === null || last > 1;
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 text-xs text-muted">
      <div role="status">
        {total === null
          ? table.isCounting
            ? "Counting…"
            : `More than ${count(Math.max(end, 0))}`
          : `${isMore ? "More than " : ""}${plural(total, "call")}`}
        {paged && table.rows.length > 0 && ` · rows ${count(first)} to ${count(end)}`}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <div className="w-36">
          <Select
            label="Rows of a page"
            hideLabel
            value={String(size)}
            options={SIZES.map((one) => ({ value: String(one), label: `${short(one)} rows a page` }))}
            onChange={(value) => onSize(Number(value))}
          />
        </div>
        {paged && (
          <>
            <Button small disabled={page === 1} onClick={() => onPage(1)}>
              First
            </Button>
            <Button small disabled={page === 1} onClick={() => onPage(page - 1)}>
              Previous
            </Button>
            <Button
              small
              disabled={last !== null ? page >= last : table.rows.length < size}
              onClick={() => onPage(page + 1)}
            >
              Next
            </Button>
            <Button small disabled={last === null || page >= last} onClick={() => onPage(last ?? 1)}>
              Last
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
