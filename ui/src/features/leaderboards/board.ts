import { duration, short } from "~/lib/format";
import { nusd, usd } from "~/lib/money";
import type { Board, BoardColumn, BoardModel, Cell } from "./queries";

/** What boards are sorted by, and how their figures are written. Pure. */

export interface BoardSort {
  /** A column's place, or `model`, `cost`, `seconds`. */
  by: string;
  descending: boolean;
}

/** The first column's best model first. */
export const FIRST: BoardSort = { by: "0", descending: false };

/** Models in order; those without a figure last. A column's order is its ranks': ascending begins with the best. */
export function sorted(board: Board, sort: BoardSort): BoardModel[] {
  const known: { model: BoardModel; key: number[] }[] = [];
  const rest: BoardModel[] = [];
  for (const model of board.models) {
    const key = keyOf(board, model, sort.by);
    if (key) known.push({ model, key });
    else rest.push(model);
  }
  const sign = sort.descending ? -1 : 1;
  known.sort((a, b) => sign * compare(a.key, b.key) || byName(a.model, b.model));
  const ordered = known.map((one) => one.model);
  if (sort.by === "model") {
    const named = [...board.models].sort(byName);
    return sort.descending ? named.reverse() : named;
  }
  return [...ordered, ...rest.sort(byName)];
}

function keyOf(board: Board, model: BoardModel, by: string): number[] | null {
  if (by === "cost") return model.cost_per_row_nusd === null ? null : [Number(model.cost_per_row_nusd)];
  if (by === "seconds") return model.seconds_per_row === null ? null : [model.seconds_per_row];
  const column = board.columns[Number(by)];
  const cell = model.cells[Number(by)];
  if (!column || !cell || cell.value === null) return null;
  // Within a rank the higher mean stands first, and says nothing: they are tied.
  const value = column.should_minimize ? cell.value : -cell.value;
  return [cell.rank ?? Number.MAX_SAFE_INTEGER, value];
}

function compare(a: number[], b: number[]): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const byName = (a: BoardModel, b: BoardModel) =>
  nameOf(a).localeCompare(nameOf(b), "en", { numeric: true, sensitivity: "base" });

/** `Parrot v2`. */
export function nameOf(model: BoardModel): string {
  return model.version ? `${model.label} ${model.version}` : model.label;
}

/** `1`, `1=` where it is tied; a dash where the rows say nothing. */
export function rankText(cell: Cell): string {
  if (cell.rank === null) return "–";
  return cell.is_tied ? `${cell.rank}=` : String(cell.rank);
}

/** A figure of a column: shares in percent. */
export function valueText(column: Pick<BoardColumn, "is_share" | "scorer">, value: number): string {
  if (column.is_share) return `${(value * 100).toFixed(1)} %`;
  if (column.scorer === "model_latency") return duration(value);
  return Number.isInteger(value) && Math.abs(value) < 1000 ? String(value) : short(value);
}

/** `83.2 % to 94.6 %`; null where there is no interval. */
export function intervalText(column: BoardColumn, cell: Cell): string | null {
  if (cell.low === null || cell.high === null) return null;
  return `${valueText(column, cell.low)} to ${valueText(column, cell.high)}`;
}

/** Everything of a cell in one sentence, for screen readers and on hover. */
export function cellSentence(column: BoardColumn, cell: Cell): string {
  if (cell.state === "running") return "Still running.";
  if (cell.state === "failed") return "The run failed.";
  if (cell.value === null) return cell.text ?? "The run has no such value.";
  const interval = intervalText(column, cell);
  const parts = [
    valueText(column, cell.value),
    interval && `95 % interval ${interval}`,
    cell.n !== null && `${cell.n} rows`,
  ].filter(Boolean);
  return `${parts.join(", ")}. ${rankSentence(cell)}`;
}

export function rankSentence(cell: Cell): string {
  if (cell.rank === null) return "Not ranked: the value is not the mean of a score of each row.";
  if (cell.is_tied) return `Rank ${cell.rank}, tied: no significant difference.`;
  if (cell.is_best && cell.rank > 1) return `Rank ${cell.rank}: no significant difference to the first.`;
  return `Rank ${cell.rank}.`;
}

export function costText(model: BoardModel): string | null {
  return model.cost_per_row_nusd === null ? null : usd(nusd(model.cost_per_row_nusd));
}

export function secondsText(model: BoardModel): string | null {
  return model.seconds_per_row === null ? null : duration(model.seconds_per_row);
}

/** The span that a column's whiskers are drawn in. */
export function domainOf(board: Board, place: number): [number, number] {
  if (board.columns[place]?.is_share) return [0, 1];
  const values = board.models.flatMap((model) => {
    const cell = model.cells[place];
    return cell ? [cell.low, cell.high, cell.value].filter((one): one is number => one !== null) : [];
  });
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  return high > low ? [low, high] : [low, low + 1];
}

/** Columns under the heading of their evaluation, where neighbours share it. */
export function evaluationSpans(
  columns: readonly BoardColumn[],
): { key: string; column: BoardColumn; span: number }[] {
  const spans: { key: string; column: BoardColumn; span: number }[] = [];
  for (const column of columns) {
    const last = spans.at(-1);
    if (last && last.column.evaluation_ref === column.evaluation_ref) last.span += 1;
    else spans.push({ key: `${spans.length}`, column, span: 1 });
  }
  return spans;
}
