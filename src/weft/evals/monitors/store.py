"""All SQL about a monitor's standing: its lease, its money, its counts. Plain functions of a `Connection`.

Invariant: what a monitor has spent of a day, with the worst case of what it is asking, never exceeds its budget: both
are compared and changed in one statement. A process that dies leaves the worst case spent, never too little.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from weft.evals.monitors.schema import ITEM, MONITOR
from weft.evals.monitors.types import Pause, Rule, Standing, Told
from weft.kit.db import SQLITE
from weft.traces.objects.schema import OBJECT, VALUE
from weft.traces.schema import CALL, PROJECT
from weft.traces.types import ProjectKey

MONITORS = 10_000
"""Looked after by one server."""
ERROR_CHARS = 500
_RULES = msgspec.json.Decoder(tuple[Rule, ...])
_TOLD = msgspec.json.Decoder(dict[str, Told])
_encode = msgspec.json.Encoder().encode


def list_published(
    connection: Connection, project: ProjectKey | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The latest version of every monitor's object, of one project or of all, with its value.

    The condition is spelt out, since SQLite uses the index for it only then.
    """
    wanted = (
        select(
            OBJECT.c.project,
            PROJECT.c.project_id,
            OBJECT.c.object_id,
            OBJECT.c.digest,
            OBJECT.c.wb_user_id,
            OBJECT.c.published_at_us,
            VALUE.c.val,
        )
        .join(PROJECT, PROJECT.c.key == OBJECT.c.project)
        .join(VALUE, and_(VALUE.c.project == OBJECT.c.project, VALUE.c.digest == OBJECT.c.digest))
        .where(
            text("trace_object.base_object_class = 'Monitor' AND trace_object.is_latest = 1"),
            OBJECT.c.deleted_at_us.is_(None),
            PROJECT.c.removed_at_us.is_(None),
        )
        .order_by(OBJECT.c.project, OBJECT.c.object_id)
        .limit(MONITORS)
    )
    if project is not None:
        wanted = wanted.where(OBJECT.c.project == project)
    return connection.execute(wanted).all()


def find_standing(connection: Connection, project: ProjectKey, name: str) -> Standing | None:
    """What is known of a monitor's work; None before anybody looked at it."""
    row = connection.execute(select(MONITOR).where(*_mine(project, name))).one_or_none()
    return None if row is None else _standing(row)


def list_standings(connection: Connection, project: ProjectKey) -> dict[str, Standing]:
    """What is known of all monitors of a project, by name."""
    rows = connection.execute(select(MONITOR).where(MONITOR.c.project == project))
    return {row.name: _standing(row) for row in rows}


def ensure(
    connection: Connection, project: ProjectKey, name: str, digest: str, position: int
) -> None:
    """Begin to keep a monitor's standing; nothing where it is kept already."""
    dialect = sqlite if connection.dialect.name == SQLITE else postgresql
    texts = ("granted_digest", "granted_by", "day", "pause", "reason", "last_error", "lease_owner")
    numbers = (
        *("budget_nusd", "spent_nusd", "seen", "judged", "failed", "skipped", "errors_in_row"),
        *("paused_at_us", "last_error_at_us", "looked_at_us", "lease_until_us"),
    )
    values: dict[str, Any] = {**dict.fromkeys(texts, ""), **dict.fromkeys(numbers, 0)}
    values |= {
        "rules": "[]",
        "told": "{}",
        "position": position,
        "start": position,
        "digest": digest,
    }
    wanted = dialect.insert(MONITOR).values(project=project, name=name, **values)
    connection.execute(wanted.on_conflict_do_nothing())


def change(connection: Connection, project: ProjectKey, name: str, **values: Any) -> None:
    """Set columns of a monitor's row."""
    connection.execute(update(MONITOR).where(*_mine(project, name)).values(**values))


def add(connection: Connection, project: ProjectKey, name: str, **counts: int) -> None:
    """Count on."""
    values = {column: MONITOR.c[column] + more for column, more in counts.items()}
    connection.execute(update(MONITOR).where(*_mine(project, name)).values(**values))


def forget(connection: Connection, project: ProjectKey, name: str) -> None:
    """Forget a monitor that is removed, and what it took on."""
    connection.execute(delete(ITEM).where(ITEM.c.project == project, ITEM.c.name == name))
    connection.execute(delete(MONITOR).where(*_mine(project, name)))


def take_lease(
    connection: Connection,
    project: ProjectKey,
    name: str,
    owner: str,
    *,
    now_us: int,
    until_us: int,
) -> bool:
    """Take or keep a monitor for one process; False while another one works on it."""
    free = or_(MONITOR.c.lease_owner == owner, MONITOR.c.lease_until_us < now_us)
    done = connection.execute(
        update(MONITOR)
        .where(*_mine(project, name), free)
        .values(lease_owner=owner, lease_until_us=until_us)
    )
    return done.rowcount == 1


def end_leases(connection: Connection, owner: str) -> None:
    """Let go of all that a process works on."""
    mine = update(MONITOR).where(MONITOR.c.lease_owner == owner)
    connection.execute(mine.values(lease_owner="", lease_until_us=0))


def reserve(
    connection: Connection,
    project: ProjectKey,
    name: str,
    *,
    day: str,
    worst_nusd: int,
    digest: str,
) -> bool:
    """Set the worst case of one question aside; False where the day's budget does not hold it.

    A version that nobody allowed to spend holds nothing.
    """
    granted = (*_mine(project, name), MONITOR.c.granted_digest == digest)
    connection.execute(
        update(MONITOR).where(*granted, MONITOR.c.day != day).values(day=day, spent_nusd=0)
    )
    fits = MONITOR.c.spent_nusd + worst_nusd <= MONITOR.c.budget_nusd
    done = connection.execute(
        update(MONITOR)
        .where(*granted, MONITOR.c.day == day, fits)
        .values(spent_nusd=MONITOR.c.spent_nusd + worst_nusd)
    )
    return done.rowcount == 1


def give_back(
    connection: Connection, project: ProjectKey, name: str, *, day: str, unused_nusd: int
) -> None:
    """Give back what a question did not cost, of the day that it was set aside from."""
    connection.execute(
        update(MONITOR)
        .where(*_mine(project, name), MONITOR.c.day == day)
        .values(spent_nusd=MONITOR.c.spent_nusd - unused_nusd)
    )


def pause(
    connection: Connection, project: ProjectKey, name: str, why: Pause, reason: str, now_us: int
) -> None:
    """Have a monitor stand still, and say why; what waits is passed over."""
    change(
        connection, project, name, pause=why.value, reason=reason[:ERROR_CHARS], paused_at_us=now_us
    )


def resume(connection: Connection, project: ProjectKey, name: str, position: int) -> None:
    """Have it look at what comes from now on."""
    values = {"pause": "", "reason": "", "paused_at_us": 0, "errors_in_row": 0}
    change(connection, project, name, position=position, start=position, **values)


def set_rules(
    connection: Connection, project: ProjectKey, name: str, rules: Sequence[Rule]
) -> None:
    """Set the rules of a monitor's alerts."""
    change(connection, project, name, rules=_encode(list(rules)).decode())


def set_told(connection: Connection, project: ProjectKey, name: str, told: dict[str, Told]) -> None:
    """Note when rules were told last."""
    change(connection, project, name, told=_encode(told).decode())


def newest_seq(connection: Connection) -> int:
    """Where all calls end by now."""
    return int(connection.execute(select(func.max(CALL.c.seq))).scalar_one() or 0)


def seq_before(connection: Connection, project: ProjectKey, moment_us: int) -> int:
    """Where a project's calls end that began before a moment: what comes behind it began later, or came late."""
    wanted = select(func.min(CALL.c.seq)).where(
        CALL.c.project == project, CALL.c.started_at_us >= moment_us
    )
    first = connection.execute(wanted).scalar_one()
    return newest_seq(connection) if first is None else int(first) - 1


def _mine(project: ProjectKey, name: str) -> tuple[ColumnElement[bool], ...]:
    return (MONITOR.c.project == project, MONITOR.c.name == name)


def _standing(row: Row[*tuple[Any, ...]]) -> Standing:
    fields = {name: getattr(row, name) for name in _PLAIN}
    return Standing(
        **fields,
        rules=_RULES.decode(row.rules),
        told=_TOLD.decode(row.told),
        pause=Pause(row.pause),
    )


_PLAIN = tuple(
    name for name in Standing.__dataclass_fields__ if name not in {"rules", "told", "pause"}
)
