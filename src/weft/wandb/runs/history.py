"""What runs logged, step by step. Every function takes the project's key, and sees no other project's runs."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select

from weft.traces.json_text import load
from weft.traces.types import ProjectKey
from weft.wandb.runs.schema import HISTORY

LINES_LIMIT = 100_000
"""Of a run; what it logs after that is counted only."""
STEP_LIMIT_BYTES = 64 * 1024
"""Of one step; a larger one, and one that is no JSON object, is counted only."""
SAMPLES_LIMIT = 10_000
_CHUNK = 200


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


def read_steps(connection: Connection, project: ProjectKey, run: str, samples: int) -> list[str]:
    """Steps of a run in their order, as they were sent: all of them, or `samples` evenly spread with the last one."""
    samples = max(1, min(samples, SAMPLES_LIMIT))
    mine = (HISTORY.c.project == project, HISTORY.c.run == run)
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
