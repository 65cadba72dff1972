"""What is kept of batches, runs and rows that are done. Money moves in `budget.py`. Transactions are the caller's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Row, and_, insert, select, update

from weft.evals.batches.schema import ASK, BATCH, ITEM, RUN
from weft.identity.schema import USER
from weft.ledger import schema as books
from weft.ledger.owners import LAPSE_S, clock_us

RUNNING: Final = "running"
STOPPED: Final = "stopped"
DONE: Final = "done"
OUT_OF_BUDGET: Final = "out_of_budget"
FAILED: Final = "failed"
WAITING: Final = "waiting"
GONE = "the server was stopped"
ITEMS = 1000
"""Rows that are read at a time."""


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation run of a batch."""

    position: int
    call_id: str
    name: str
    model: str
    """The id of the model behind it."""
    model_ref: str
    state: str
    rows_total: int
    rows_done: int
    errors: int
    cost_nusd: int
    started_at_us: int
    ended_at_us: int | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch, as it stands in its table."""

    id: str
    project_id: str
    name: str
    description: str | None
    evaluation_ref: str
    dataset_ref: str
    definition: str
    budget_nusd: int | None
    spent_nusd: int
    held_nusd: int
    state: str
    reason: str
    remedy: str
    owner: str
    made_by: str
    """The id of the user who started it."""
    by: str
    """Their name."""
    questions_total: int
    created_at_us: int
    ended_at_us: int | None
    is_orphan: bool
    """Whether it still ought to run, and the process that ran it is gone."""
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """How a batch, or a run of it, ended for now."""

    state: str
    reason: str = ""
    remedy: str = ""


def add_batch(connection: Connection, batch: Batch) -> None:
    """A new batch with its runs."""
    columns = {column.name for column in BATCH.columns}
    values = {name: getattr(batch, name) for name in Batch.__slots__ if name in columns}
    connection.execute(insert(BATCH).values(**values))
    connection.execute(
        insert(RUN),
        [
            {"batch_id": batch.id, **{name: getattr(run, name) for name in Run.__slots__}}
            for run in batch.runs
        ],
    )


def find_batch(connection: Connection, project_id: str, batch_id: str) -> Batch | None:
    """A project's batch."""
    found = _batches(connection, project_id, BATCH.c.id == batch_id, 1)
    return found[0] if found else None


def page(connection: Connection, project_id: str, limit: int, before: str) -> list[Batch]:
    """A project's batches, newest first, from the one below the id `before` on."""
    wanted = BATCH.c.id < before if before else BATCH.c.id.is_not(None)
    return _batches(connection, project_id, wanted, limit)


def find_orphans(connection: Connection) -> list[Batch]:
    """Batches of all projects that ought to run, and whose process is gone."""
    found = _batches(connection, None, BATCH.c.state == RUNNING, ITEMS)
    return [batch for batch in found if batch.is_orphan]


def _batches(
    connection: Connection, project_id: str | None, where: object, limit: int
) -> list[Batch]:
    alive = and_(
        books.owner.c.id == BATCH.c.owner,
        books.owner.c.heartbeat_at_us >= clock_us(connection) - int(LAPSE_S * 1e6),
    )
    wanted = (
        select(BATCH, USER.c.username, books.owner.c.id.label("alive"))
        .select_from(
            BATCH.outerjoin(USER, USER.c.id == BATCH.c.made_by).outerjoin(books.owner, alive)
        )
        .where(where)  # pyright: ignore[reportArgumentType] - a condition of ours
        .order_by(BATCH.c.id.desc())
        .limit(limit)
    )
    if project_id is not None:
        wanted = wanted.where(BATCH.c.project_id == project_id)
    rows = connection.execute(wanted).all()
    runs: dict[str, list[Run]] = {row.id: [] for row in rows}
    for run in connection.execute(
        select(RUN).where(RUN.c.batch_id.in_(runs)).order_by(RUN.c.batch_id, RUN.c.position)
    ):
        runs[run.batch_id].append(Run(*(getattr(run, name) for name in Run.__slots__)))
    return [_batch(row, tuple(runs[row.id])) for row in rows]


def _batch(row: Row[*tuple[object, ...]], runs: tuple[Run, ...]) -> Batch:
    names = (name for name in Batch.__slots__ if name not in {"by", "is_orphan", "runs"})
    return Batch(
        **{name: getattr(row, name) for name in names},
        by=row.username or "",
        is_orphan=row.state == RUNNING and row.alive is None,
        runs=runs,
    )


@dataclass(slots=True)
class Taking:
    """A wish of a process to run a batch that rests. The writer says whether it may."""

    batch_id: str
    owner: str
    before: str
    """The process that had it."""
    budget_nusd: int | None = None
    """Another budget; None keeps the one there is."""
    is_taken: bool = False


def take(connection: Connection, wanted: Sequence[Taking]) -> None:
    """Give each batch to the first who asks: from now on only that process may reserve for it."""
    for one in wanted:
        values: dict[str, object] = {
            "state": RUNNING,
            "owner": one.owner,
            "reason": "",
            "remedy": "",
            "ended_at_us": None,
        }
        if one.budget_nusd is not None:
            values["budget_nusd"] = one.budget_nusd
        # Whoever had it is gone or has let go: its name is there until the first takes it.
        done = connection.execute(
            update(BATCH)
            .where(BATCH.c.id == one.batch_id, BATCH.c.owner == one.before)
            .values(**values)
        )
        one.is_taken = done.rowcount == 1
        if one.is_taken:
            connection.execute(
                update(RUN)
                .where(RUN.c.batch_id == one.batch_id, RUN.c.state != DONE)
                .values(state=RUNNING, ended_at_us=None)
            )


@dataclass(frozen=True, slots=True)
class Resting:
    """A batch that comes to rest."""

    batch_id: str
    owner: str
    end: End
    now_us: int


def rest(connection: Connection, wanted: Sequence[Resting]) -> None:
    """End batches, if they are still their owners'."""
    for one in wanted:
        mine = (BATCH.c.id == one.batch_id, BATCH.c.owner == one.owner, BATCH.c.state == RUNNING)
        done = connection.execute(
            update(BATCH)
            .where(*mine)
            .values(
                state=one.end.state,
                reason=one.end.reason,
                remedy=one.end.remedy,
                owner="",
                ended_at_us=one.now_us,
            )
        )
        if done.rowcount:
            connection.execute(
                update(RUN)
                .where(RUN.c.batch_id == one.batch_id, RUN.c.state.in_([RUNNING, WAITING]))
                .values(state=one.end.state, ended_at_us=one.now_us)
            )


@dataclass(frozen=True, slots=True)
class RunEnded:
    """One run of a batch is over."""

    batch_id: str
    position: int
    state: str
    now_us: int


def end_runs(connection: Connection, wanted: Sequence[RunEnded]) -> None:
    """Note the ends of runs."""
    for one in wanted:
        connection.execute(
            update(RUN)
            .where(RUN.c.batch_id == one.batch_id, RUN.c.position == one.position)
            .values(state=one.state, ended_at_us=one.now_us)
        )


@dataclass(frozen=True, slots=True)
class ItemDone:
    """A row that a run is done with."""

    batch_id: str
    run: int
    place: int
    told: str
    errors: int


def add_items(connection: Connection, wanted: Sequence[ItemDone]) -> None:
    """Note rows that are done; what was answered of them is in their calls, and need not stay here."""
    for one in wanted:
        mine = (ITEM.c.batch_id == one.batch_id, ITEM.c.run == one.run, ITEM.c.place == one.place)
        if connection.execute(select(ITEM.c.place).where(*mine)).first() is not None:
            continue
        connection.execute(
            insert(ITEM).values(batch_id=one.batch_id, run=one.run, place=one.place, told=one.told)
        )
        connection.execute(
            update(RUN)
            .where(RUN.c.batch_id == one.batch_id, RUN.c.position == one.run)
            .values(rows_done=RUN.c.rows_done + 1, errors=RUN.c.errors + one.errors)
        )
        connection.execute(
            update(ASK)
            .where(ASK.c.batch_id == one.batch_id, ASK.c.run == one.run, ASK.c.place == one.place)
            .values(answer=None)
        )


def places_done(connection: Connection, batch_id: str) -> set[tuple[int, int]]:
    """Run and place of every row that is done."""
    wanted = select(ITEM.c.run, ITEM.c.place).where(ITEM.c.batch_id == batch_id)
    return {(row.run, row.place) for row in connection.execute(wanted)}


def places_answered(connection: Connection, batch_id: str) -> set[tuple[int, int]]:
    """Run and place of every row of which an answer waits to be gone on with."""
    wanted = select(ASK.c.run, ASK.c.place).where(
        ASK.c.batch_id == batch_id, ASK.c.answer.is_not(None)
    )
    return {(row.run, row.place) for row in connection.execute(wanted)}


def items(connection: Connection, batch_id: str, run: int) -> Iterator[tuple[int, str]]:
    """Place and result of every row that a run is done with, in order."""
    last = -1
    while True:
        rows = connection.execute(
            select(ITEM.c.place, ITEM.c.told)
            .where(ITEM.c.batch_id == batch_id, ITEM.c.run == run, ITEM.c.place > last)
            .order_by(ITEM.c.place)
            .limit(ITEMS)
        ).all()
        yield from ((row.place, row.told) for row in rows)
        if len(rows) < ITEMS:
            return
        last = rows[-1].place
