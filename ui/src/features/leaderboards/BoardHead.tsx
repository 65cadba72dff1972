import { ArrowDown, ArrowUp, TriangleAlert } from "lucide-react";
import { Tooltip } from "~/components/Tooltip";
import { type BoardSort, evaluationSpans } from "./board";
import type { Board, BoardColumn } from "./queries";

interface BoardHeadProps {
  board: Board;
  sort: BoardSort;
  onSort: (sort: BoardSort) => void;
}

/** Evaluations above, their columns below; a header sorts. */
export function BoardHead({ board, sort, onSort }: BoardHeadProps) {
  const header = (by: string, label: string) => (
    <SortHeader by={by} label={label} sort={sort} onSort={onSort} />
  );
  return (
    <thead className="bg-panel text-left align-bottom text-xs text-muted">
      <tr>
        <td className="sticky left-0 z-10 bg-panel" />
        {evaluationSpans(board.columns).map(({ key, column, span }) => (
          <th
            key={key}
            scope="colgroup"
            colSpan={span}
            className="border-l border-line px-3 pt-2 font-normal"
          >
            {column.evaluation}
            {column.dataset && <span> · {column.dataset}</span>}
          </th>
        ))}
        <th scope="colgroup" colSpan={2} className="border-l border-line px-3 pt-2 font-normal">
          For each row
        </th>
      </tr>
      <tr>
        <th scope="col" aria-sort={ariaSort(sort, "model")} className="sticky left-0 z-10 bg-panel px-3 py-2">
          {header("model", "Model")}
        </th>
        {board.columns.map((column, place) => (
          <th
            key={column.key}
            scope="col"
            aria-sort={ariaSort(sort, String(place))}
            className="min-w-44 border-l border-line px-3 py-2"
          >
            <span className="flex items-center gap-1.5">
              {header(String(place), column.label)}
              {column.warnings.length > 0 && <Warnings column={column} />}
            </span>
            <span className="block font-normal whitespace-nowrap">
              {column.should_minimize ? "lower is better" : "higher is better"}
            </span>
          </th>
        ))}
        <th scope="col" aria-sort={ariaSort(sort, "cost")} className="border-l border-line px-3 py-2">
          {header("cost", "Cost")}
        </th>
        <th scope="col" aria-sort={ariaSort(sort, "seconds")} className="px-3 py-2">
          {header("seconds", "Time")}
        </th>
      </tr>
    </thead>
  );
}

function Warnings({ column }: { column: BoardColumn }) {
  return (
    <Tooltip tip={column.warnings.join(" ")}>
      <TriangleAlert role="img" aria-label={column.warnings.join(" ")} className="size-3.5 text-warn" />
    </Tooltip>
  );
}

interface SortHeaderProps {
  by: string;
  label: string;
  sort: BoardSort;
  onSort: (sort: BoardSort) => void;
}

function SortHeader({ by, label, sort, onSort }: SortHeaderProps) {
  const active = sort.by === by;
  const Arrow = sort.descending ? ArrowDown : ArrowUp;
  return (
    <button
      type="button"
      className="inline-flex items-center gap-1 font-medium whitespace-nowrap hover:text-fg"
      onClick={() => onSort({ by, descending: active ? !sort.descending : false })}
    >
      {label}
      {active && <Arrow aria-hidden className="size-3" />}
    </button>
  );
}

function ariaSort(sort: BoardSort, by: string): "ascending" | "descending" | undefined {
  if (sort.by !== by) return undefined;
  return sort.descending ? "descending" : "ascending";
}
