import { Checkbox } from "~/components/Field";
import { EmptyState } from "~/components/States";
import { plural } from "~/lib/format";
import type { Place } from "~/lib/place";
import { BoardTable } from "./BoardTable";
import { Pareto } from "./Pareto";
import type { Board } from "./queries";
import { type BoardSearch, sortOf } from "./search";

interface BoardViewProps {
  place: Place;
  board: Board;
  search: BoardSearch;
  onSearch: (changed: BoardSearch) => void;
}

/** A board that was worked out: what to be careful about, the table, and quality against cost. */
export function BoardView({ place, board, search, onSearch }: BoardViewProps) {
  const sort = sortOf(search);
  const others = board.columns.reduce((sum, column) => sum + column.other_version_runs, 0);
  const warnings = [...board.warnings, ...new Set(board.columns.flatMap((column) => column.warnings))];
  const isAny = search.versions === "any";
  return (
    <>
      {(others > 0 || isAny) && (
        <Checkbox
          label="Count runs of other versions of an evaluation"
          hint={others > 0 ? `${plural(others, "run")} of other versions left out.` : undefined}
          checked={isAny}
          onChange={(on) => {
            const { versions: _, ...rest } = search;
            onSearch(on ? { ...rest, versions: "any" } : rest);
          }}
        />
      )}
      {warnings.length > 0 && (
        <ul aria-label="To be careful about" className="rounded-lg bg-warn-soft px-4 py-2 text-xs">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {board.models.length === 0 ? (
        <EmptyState title="No runs yet">
          {board.columns.length === 0
            ? "There is nothing to show a column for. Run an evaluation, or loosen the filters."
            : "No model was run in these evaluations. New runs come up here by themselves."}
        </EmptyState>
      ) : (
        <>
          <BoardTable
            place={place}
            board={board}
            sort={sort}
            onSort={({ by, descending }) => {
              const { descending: _, ...rest } = search;
              onSearch({ ...rest, sort: by, ...(descending && { descending }) });
            }}
          />
          <p className="max-w-prose text-xs text-muted">
            A rank counts the models that are significantly better (paired by row, 5 % over the whole column);
            “=” is a tie. Whiskers are 95 % intervals. Cost and time are of the model's own calls, without
            what judges take.
          </p>
          <Pareto board={board} place={Number(sort.by) || 0} />
        </>
      )}
    </>
  );
}
