"""A leaderboard as rows of plain values: what commands print and write. Pure."""

import csv
import io
from collections.abc import Sequence

from weft.evals.leaderboards.pages.shapes import BoardAnswer, CellAnswer, ColumnAnswer, ModelAnswer
from weft.kit.money import format_usd

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for a formula."""


def in_order(board: BoardAnswer, column: int = 0) -> list[ModelAnswer]:
    """Models by their rank in a column, then by value; those without come last, in the order of their names."""

    def key(model: ModelAnswer) -> tuple[bool, float, float, str]:
        cell = model.cells[column] if column < len(model.cells) else None
        if cell is None or cell.value is None:
            return True, 0, 0, model.label.lower()
        value = cell.value if board.columns[column].should_minimize else -cell.value
        return False, cell.rank if cell.rank is not None else float("inf"), value, model.label

    return sorted(board.models, key=key)


def csv_of(board: BoardAnswer) -> str:
    """The board as CSV: for each column value, interval, rows, rank and run."""
    told = io.StringIO()
    write = csv.writer(told)
    head = ["model", "version", "ref", "asks"]
    for column in board.columns:
        name = f"{column.evaluation}/{column.label}"
        head += [name, *(f"{name} {part}" for part in ("low", "high", "rows", "rank", "run"))]
    write.writerow([*map(_safe, head), "cost_per_row_nusd", "seconds_per_row"])
    for model in in_order(board):
        row: list[str | float | None] = [model.label, model.version, model.ref, model.detail]
        for cell in model.cells:
            row += _parts(cell)
        row += [model.cost_per_row_nusd, model.seconds_per_row]
        write.writerow(map(_safe, row))
    return told.getvalue()


def table_of(board: BoardAnswer) -> tuple[list[str], list[list[str]]]:
    """Headers and rows for a terminal."""
    head = ["model", *(column.label for column in board.columns), "cost/row", "s/row"]
    rows = [
        [
            f"{model.label} {model.version}",
            *(_shown(one, cell) for one, cell in zip(board.columns, model.cells, strict=True)),
            "-" if model.cost_per_row_nusd is None else f"${_usd(model.cost_per_row_nusd)}",
            "-" if model.seconds_per_row is None else f"{model.seconds_per_row:.3g}",
        ]
        for model in in_order(board)
    ]
    return head, rows


def rank_text(cell: CellAnswer) -> str:
    """`1`, `1=` where it is tied, nothing where it has none."""
    if cell.rank is None:
        return ""
    return f"{cell.rank}=" if cell.is_tied else str(cell.rank)


def _usd(nusd: str) -> str:
    return format_usd(int(nusd))


def _parts(cell: CellAnswer | None) -> Sequence[str | float | None]:
    if cell is None:
        return [None] * 6
    value = cell.text if cell.value is None else cell.value
    return [value, cell.low, cell.high, cell.n, rank_text(cell), cell.run_id]


def _shown(column: ColumnAnswer, cell: CellAnswer | None) -> str:
    if cell is None:
        return "no run"
    if cell.value is None:
        return cell.text or cell.state
    text = _figure(column, cell.value)
    if cell.low is not None and cell.high is not None:
        text += f" [{_figure(column, cell.low)}, {_figure(column, cell.high)}]"
    rank = rank_text(cell)
    return f"{rank:>3} {text}" if rank else f"  - {text}"


def _figure(column: ColumnAnswer, value: float) -> str:
    return f"{value:.1%}" if column.is_share else f"{value:.4g}"


def _safe(value: str | float | None) -> str | float:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
