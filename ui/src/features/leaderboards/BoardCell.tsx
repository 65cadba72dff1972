import { Link } from "@tanstack/react-router";
import { Badge } from "~/components/Badge";
import { count } from "~/lib/format";
import type { Place } from "~/lib/place";
import { cellSentence, intervalText, rankSentence, rankText, valueText } from "./board";
import type { BoardColumn, Cell } from "./queries";
import { Whisker } from "./Whisker";

interface BoardCellProps {
  place: Place;
  column: BoardColumn;
  cell: Cell | null | undefined;
  domain: [number, number];
  model: string;
}

/** What a model came to in a column: rank, value, interval and rows, and the way to the run. */
export function BoardCell({ place, column, cell, domain, model }: BoardCellProps) {
  const base: string = `/${place.team}/${place.project}/weave/evaluations`;
  const start: string = `${base}/new`;
  if (!cell)
    return (
      <span className="text-xs text-muted">
        No run ·{" "}
        <Link
          to={start}
          className="text-accent hover:underline"
          aria-label={`run it: ${column.evaluation} with ${model}`}
        >
          run it
        </Link>
      </span>
    );
  const run: string = `${base}/${cell.run_id}`;
  if (cell.value === null)
    return (
      <Link to={run} className="text-xs text-muted hover:underline" title={cellSentence(column, cell)}>
        {cell.state === "done" ? (cell.text ?? "no such value") : cell.state}
      </Link>
    );
  return (
    <div className="flex flex-col gap-0.5" title={cellSentence(column, cell)}>
      <div className="flex items-center gap-2">
        <Badge tone={cell.is_best ? "good" : "plain"} title={rankSentence(cell)}>
          {rankText(cell)}
        </Badge>
        <Link to={run} className="font-medium hover:underline">
          {valueText(column, cell.value)}
        </Link>
        <span className="sr-only">{rankSentence(cell)}</span>
      </div>
      <Whisker cell={cell} domain={domain} />
      <div className="text-2xs whitespace-nowrap text-muted">
        {intervalText(column, cell) ?? (cell.rank === null ? "no interval" : "all rows alike")}
        {cell.n !== null && ` · n ${count(cell.n)}`}
        {cell.runs > 1 && ` · newest of ${cell.runs} runs`}
      </div>
      {cell.is_tied && <div className="text-2xs text-muted">no significant difference</div>}
    </div>
  );
}
