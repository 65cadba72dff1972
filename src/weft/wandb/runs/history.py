"""What runs logged, step by step. Every function takes the project's key, and sees no other project's runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from weft.traces.json_text import load
from weft.traces.types import ProjectKey
from weft.wandb.runs.schema import HISTORY

LINES_LIMIT = 100_000
"""Of a run; what it logs after that is counted only."""
STEP_LIMIT_BYTES = 64 * 1024
"""Of one step; a larger one, and one that is no JSON object, is counted only."""
SAMPLES_LIMIT = 10_000
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Span:
    """Steps by their numbers, from `first` on up to and without `end`."""

    first: int = 0
    end: int | None = None


ALL = Span()


def write_steps(
    connection: Connection, project: ProjectKey, run: str, offset: int, lines: Sequence[str]
) -> None:
    """Keep lines of a run's history, the first of them at `offset`; what was there is replaced, as it is sent anew."""
    lines = lines[: max(LINES_LIMIT - offset, 0)]
    if not lines or offset < 0:
        return
    there = (HISTORY.c.project == project, HISTORY.c.run == run)
    connection.execute(
        delete(HISTORY).where(
            *there, HISTORY.c.line >= offset, HISTORY.c.line < offset + len(lines)
        )
    )
    rows = [
        {"project": project, "run": run, "line": number, "step": step}
        for number, step in enumerate(lines, offset)
        if _is_step(step)
    ]
    for start in range(0, len(rows), _CHUNK):
        connection.execute(insert(HISTORY), rows[start : start + _CHUNK])


def read_steps(
    connection: Connection, project: ProjectKey, run: str, samples: int, span: Span = ALL
) -> list[str]:
    """Steps of a run in their order, as they were sent: all of `span`, or `samples` evenly spread with the last one."""
    samples = max(1, min(samples, SAMPLES_LIMIT))
    mine = _within(connection, project, run, span)
    numbered = (
        select(
            HISTORY.c.step,
            HISTORY.c.line,
            func.row_number().over(order_by=HISTORY.c.line).label("number"),
        )
        .where(*mine)
        .subquery()
    )
    step, line, number = numbered.c
    total = connection.execute(select(func.count()).select_from(HISTORY).where(*mine)).scalar_one()
    every = -(-total // samples) or 1
    wanted = select(step).where((number - total) % every == 0).order_by(line)
    return [row[0] for row in connection.execute(wanted)]


def all_steps(
    connection: Connection, project: ProjectKey, run: str, span: Span = ALL
) -> Iterator[str]:
    """Every step of `span` in their order, some held at a time."""
    wanted = select(HISTORY.c.step).where(*_within(connection, project, run, span))
    wanted = wanted.order_by(HISTORY.c.line).execution_options(yield_per=_CHUNK)
    return (row[0] for row in connection.execute(wanted))


def last_step(connection: Connection, project: ProjectKey, run: str) -> int:
    """The number of the last step; -1 where there is none."""
    mine = (HISTORY.c.project == project, HISTORY.c.run == run)
    wanted = select(HISTORY.c.line, HISTORY.c.step).where(*mine).order_by(HISTORY.c.line.desc())
    found = connection.execute(wanted.limit(1)).one_or_none()
    return -1 if found is None else _number_of(found.line, found.step)


def _within(
    connection: Connection, project: ProjectKey, run: str, span: Span
) -> list[ColumnElement[bool]]:
    mine = [HISTORY.c.project == project, HISTORY.c.run == run]
    if span.first > 0:
        mine.append(HISTORY.c.line >= _line_of(connection, project, run, span.first))
    if span.end is not None:
        mine.append(HISTORY.c.line < _line_of(connection, project, run, span.end))
    return mine


def _line_of(connection: Connection, project: ProjectKey, run: str, step: int) -> int:
    """The first line whose step is this or a later one: numbers of steps grow with the lines."""
    mine = (HISTORY.c.project == project, HISTORY.c.run == run)
    low, high = 0, LINES_LIMIT
    while low < high:
        middle = (low + high) // 2
        wanted = select(HISTORY.c.line, HISTORY.c.step).where(*mine, HISTORY.c.line >= middle)
        found = connection.execute(wanted.order_by(HISTORY.c.line).limit(1)).one_or_none()
        if found is None or _number_of(found.line, found.step) >= step:
            high = middle
        else:
            low = found.line + 1
    return low


def _number_of(line: int, step: str) -> int:
    """A step's number, as the client counts them; of a step that does not say, its line's."""
    number = load(step).get("_step")
    return number if isinstance(number, int) else line


def delete_steps(connection: Connection, project: ProjectKey, run: str) -> None:
    """Delete all of them."""
    connection.execute(delete(HISTORY).where(HISTORY.c.project == project, HISTORY.c.run == run))


def _is_step(text: str) -> bool:
    if len(text.encode()) > STEP_LIMIT_BYTES:
        return False
    try:
        return isinstance(load(text), dict)
    except (ValueError, RecursionError):
        return False
