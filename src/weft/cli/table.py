"""Tables of plain text that fit a terminal. Pure, but for asking how wide the terminal is."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass

MAX_WIDTH = 100
_GAP = 2
_MIN_CELL = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One column; figures go to the right, and only a `shrinks` column is cut when the line is too long."""

    title: str
    right: bool = False
    shrinks: bool = False


def terminal_width() -> int:
    """Characters in a line: at most `MAX_WIDTH`, and that many where there is no terminal."""
    if not sys.stdout.isatty():
        return MAX_WIDTH
    return min(MAX_WIDTH, shutil.get_terminal_size((MAX_WIDTH, 24)).columns)


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    footer: Sequence[str] = (),
    width: int | None = None,
) -> str:
    """Lay `rows` out under the columns' titles; the footer stands apart from them."""
    lines = [list(row) for row in (*rows, *([footer] if footer else []))]
    sizes = _sizes(columns, lines, width or terminal_width())
    titles = _line(columns, sizes, [column.title for column in columns])
    rule = "  ".join("-" * size for size in sizes)
    body = [_line(columns, sizes, line) for line in lines]
    if footer:
        body.insert(-1, rule)
    return "\n".join([titles, rule, *body])


def _sizes(columns: Sequence[Column], lines: Sequence[Sequence[str]], width: int) -> list[int]:
    sizes = [
        max([len(column.title), *(len(line[index]) for line in lines)])
        for index, column in enumerate(columns)
    ]
    excess = sum(sizes) + _GAP * (len(sizes) - 1) - width
    shrinking = [index for index, column in enumerate(columns) if column.shrinks]
    while excess > 0:
        widest = max(shrinking, key=lambda index: sizes[index], default=None)
        if widest is None or sizes[widest] <= max(_MIN_CELL, len(columns[widest].title)):
            break
        sizes[widest] -= 1
        excess -= 1
    return sizes


def _line(columns: Sequence[Column], sizes: Sequence[int], cells: Sequence[str]) -> str:
    laid = [
        _cut(cell, size).rjust(size) if column.right else _cut(cell, size).ljust(size)
        for column, size, cell in zip(columns, sizes, cells, strict=True)
    ]
    return (" " * _GAP).join(laid).rstrip()


def _cut(cell: str, size: int) -> str:
    return cell if len(cell) <= size else cell[: size - 1] + "…"
