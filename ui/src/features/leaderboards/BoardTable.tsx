import type { Place } from "~/lib/place";
import { BoardCell } from "./BoardCell";
import { BoardHead } from "./BoardHead";
import { type BoardSort, costText, domainOf, nameOf, secondsText, sorted } from "./board";
import { ModelLink } from "./ModelLink";
import type { Board } from "./queries";

interface BoardTableProps {
  place: Place;
  board: Board;
  sort: BoardSort;
  onSort: (sort: BoardSort) => void;
}

/** Models down, columns across. It scrolls sideways in itself. */
export function BoardTable({ place, board, sort, onSort }: BoardTableProps) {
  const domains = board.columns.map((_, at) => domainOf(board, at));
  return (
    <section
      aria-label="Leaderboard"
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border border-line"
    >
      <table className="w-full border-collapse text-sm">
        <BoardHead board={board} sort={sort} onSort={onSort} />
        <tbody>
          {sorted(board, sort).map((model) => (
            <tr key={model.ref} className="border-t border-line align-top hover:bg-panel">
              <th
                scope="row"
                className="sticky left-0 z-10 max-w-56 min-w-28 bg-bg px-3 py-2 text-left font-normal"
              >
                <ModelLink place={place} model={model} />
              </th>
              {board.columns.map((column, at) => (
                <td key={column.key} className="border-l border-line px-3 py-2">
                  <BoardCell
                    place={place}
                    column={column}
                    cell={model.cells[at]}
                    domain={domains[at] ?? [0, 1]}
                    model={nameOf(model)}
                  />
                </td>
              ))}
              <td className="border-l border-line px-3 py-2 whitespace-nowrap">
                {costText(model) ?? <Unknown what="no price" />}
              </td>
              <td className="px-3 py-2 whitespace-nowrap">
                {secondsText(model) ?? <Unknown what="not told" />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Unknown({ what }: { what: string }) {
  return <span className="text-xs text-muted">{what}</span>;
}
