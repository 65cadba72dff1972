import { type BoardSort, intervalText, nameOf, rankText, sorted, valueText } from "./board";
import type { Board, BoardModel } from "./queries";

/** A board as CSV, JSON and a Markdown table. Pure. */

const SEMICOLONS = /[",\n\r]/;
/** What spreadsheets take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

export function toCsv(board: Board, sort: BoardSort): string {
  const head = ["model", "version", "ref", "asks"];
  for (const column of board.columns) {
    const name = `${column.evaluation}/${column.label}`;
    head.push(name, `${name} low`, `${name} high`, `${name} rows`, `${name} rank`, `${name} run`);
  }
  head.push("cost_per_row_nusd", "seconds_per_row");
  const rows = sorted(board, sort).map((model) => [
    model.label,
    model.version,
    model.ref,
    model.detail,
    ...board.columns.flatMap((_, place) => {
      const cell = model.cells[place];
      if (!cell) return ["", "", "", "", "", ""];
      return [cell.value ?? cell.text, cell.low, cell.high, cell.n, rankText(cell), cell.run_id];
    }),
    model.cost_per_row_nusd,
    model.seconds_per_row,
  ]);
  return `${[head, ...rows].map((row) => row.map(csvField).join(",")).join("\r\n")}\r\n`;
}

function csvField(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return SEMICOLONS.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toJson(board: Board, sort: BoardSort): string {
  return `${JSON.stringify({ ...board, models: sorted(board, sort) }, null, 2)}\n`;
}

export function toMarkdown(board: Board, sort: BoardSort): string {
  const head = ["Model", ...board.columns.map((column) => column.label), "Cost/row", "s/row"];
  const lines = sorted(board, sort).map((model) => [
    nameOf(model),
    ...board.columns.map((_, place) => cellText(board, model, place)),
    model.cost_per_row_nusd === null ? "–" : `$${Number(model.cost_per_row_nusd) / 1e9}`,
    model.seconds_per_row === null ? "–" : model.seconds_per_row.toPrecision(3),
  ]);
  const rule = head.map((_, place) => (place === 0 ? "---" : "---:"));
  return `${[head, rule, ...lines].map((row) => `| ${row.map(plain).join(" | ")} |`).join("\n")}\n`;
}

function cellText(board: Board, model: BoardModel, place: number): string {
  const [column, cell] = [board.columns[place], model.cells[place]];
  if (!column || !cell) return "no run";
  if (cell.value === null) return cell.text ?? cell.state;
  const interval = intervalText(column, cell);
  const rank = cell.rank === null ? "" : ` (${rankText(cell)})`;
  return `${valueText(column, cell.value)}${interval ? ` [${interval}]` : ""}${rank}`;
}

function plain(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
