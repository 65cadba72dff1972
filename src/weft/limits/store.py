"""All SQL of the limits that admins set. Plain functions of a `Connection`; transactions belong to the caller."""

from collections.abc import Collection

from sqlalchemy import Connection, Row, insert, select, update

from weft.kit.ids import new_id
from weft.limits.rules import Authority, Rule, SetLimit, Setter
from weft.limits.schema import LIMIT
from weft.limits.types import LimitKind, LimitScope, Period

MAX_LISTED = 10_000
MAX_MODELS = 1_000
"""Limits of one project by model."""


def find_limits(connection: Connection, scope_ids: Collection[str]) -> list[SetLimit]:
    """The limits that are in force for any of these scopes; at most `MAX_LISTED`."""
    wanted = LIMIT.select().where(LIMIT.c.scope_id.in_(scope_ids), LIMIT.c.ended_at_us.is_(None))
    return [_limit(row) for row in connection.execute(wanted.limit(MAX_LISTED))]


def list_limits(
    connection: Connection, scope_ids: Collection[str] | None = None, *, history: bool = False
) -> list[SetLimit]:
    """Limits by scope, the newest first, of these scopes or of all; with `history` also those that ended."""
    wanted = LIMIT.select().order_by(LIMIT.c.scope_id, LIMIT.c.set_at_us.desc(), LIMIT.c.id.desc())
    if scope_ids is not None:
        wanted = wanted.where(LIMIT.c.scope_id.in_(scope_ids))
    if not history:
        wanted = wanted.where(LIMIT.c.ended_at_us.is_(None))
    return [_limit(row) for row in connection.execute(wanted.limit(MAX_LISTED))]


def find_limit(connection: Connection, limit_id: str) -> SetLimit | None:
    """The limit of this id, ended or not."""
    row = connection.execute(LIMIT.select().where(LIMIT.c.id == limit_id)).one_or_none()
    return None if row is None else _limit(row)


def find_same(connection: Connection, rule: Rule, authority: Authority) -> SetLimit | None:
    """The limit in force that `rule` of this authority would take the place of."""
    wanted = LIMIT.select().where(
        LIMIT.c.scope_id == rule.scope_id,
        LIMIT.c.scope == rule.scope.value,
        LIMIT.c.kind == rule.kind.value,
        LIMIT.c.period == (rule.period or ""),
        LIMIT.c.model_id == rule.model_id,
        LIMIT.c.authority == authority.value,
        LIMIT.c.ended_at_us.is_(None),
    )
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _limit(row)


def count_models(connection: Connection, scope_id: str) -> int:
    """How many limits by model a project has in force."""
    wanted = select(LIMIT.c.id).where(
        LIMIT.c.scope_id == scope_id, LIMIT.c.model_id != "", LIMIT.c.ended_at_us.is_(None)
    )
    return len(connection.execute(wanted.limit(MAX_MODELS)).all())


def insert_limit(connection: Connection, rule: Rule, setter: Setter, now_us: int) -> SetLimit:
    """Put a limit in force. The one it takes the place of has to be ended before."""
    row = SetLimit(
        id=new_id("limit"),
        authority=setter.authority,
        rule=rule,
        reason=setter.reason,
        set_by=setter.name,
        set_at_us=now_us,
        ended_at_us=None,
        ended_by="",
        end_reason="",
    )
    connection.execute(
        insert(LIMIT).values(
            id=row.id,
            authority=row.authority.value,
            scope=rule.scope.value,
            scope_id=rule.scope_id,
            kind=rule.kind.value,
            period=rule.period.value if rule.period else "",
            model_id=rule.model_id,
            max=rule.max,
            reason=row.reason,
            set_by=row.set_by,
            set_at_us=now_us,
            ended_by="",
            end_reason="",
        )
    )
    return row


def end_limit(connection: Connection, limit_id: str, setter: Setter, now_us: int) -> None:
    """A limit is in force no more; its row stays."""
    connection.execute(
        update(LIMIT)
        .where(LIMIT.c.id == limit_id, LIMIT.c.ended_at_us.is_(None))
        .values(ended_at_us=now_us, ended_by=setter.name, end_reason=setter.reason)
    )


def _limit(row: Row[*tuple[object, ...]]) -> SetLimit:
    return SetLimit(
        id=row.id,
        authority=Authority(row.authority),
        rule=Rule(
            kind=LimitKind(row.kind),
            scope=LimitScope(row.scope),
            scope_id=row.scope_id,
            period=Period(row.period) if row.period else None,
            model_id=row.model_id,
            max=int(row.max),
        ),
        reason=row.reason,
        set_by=row.set_by,
        set_at_us=row.set_at_us,
        ended_at_us=row.ended_at_us,
        ended_by=row.ended_by,
        end_reason=row.end_reason,
    )
