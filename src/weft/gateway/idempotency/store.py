"""All SQL about keys. Plain functions that take a `Connection`; transactions belong to the caller.

Each function is right in every process at once without a lock of its own: `claim` is one statement that takes the row
or leaves it, and `keep`, `beat` and `release` change a row only for the request that holds it. A row's holder is named
by its request id, so that one whose claim was taken over cannot write what the next one answers for.

Times are those of the database's machine (`now_us`): clocks of several gateways may differ.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from weft.gateway.idempotency.schema import idempotency
from weft.gateway.idempotency.types import KEPT_US, STALE_US, Kept, State, Use

_IN_PROGRESS = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """Who holds a key: `use` with the request that made or makes its answer."""

    use: Use
    request_id: str


def now_us(connection: Connection) -> int:
    """What time it is for everybody who uses this database."""
    if connection.dialect.name == "sqlite":  # all its processes are on this machine
        return time.time_ns() // 1000
    statement = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
    return int(connection.execute(text(statement)).scalar_one())


def claim(connection: Connection, asked: Claim, now: int) -> State:
    """Take the key for `asked.request_id` if it is free, expired, or held by a process that died; else say what it is.

    What died keeps its parameters: its key is taken over only by the same request.
    """
    use, table = asked.use, idempotency
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    fresh = {
        "digest": use.digest,
        "request_id": asked.request_id,
        "status": _IN_PROGRESS,
        "is_stream": False,
        "is_too_large": False,
        "head": b"",
        "body": b"",
        "beat_at_us": now,
        "expires_at_us": now + KEPT_US,
    }
    is_free = or_(
        table.c.expires_at_us <= now,
        and_(_is_dead(now), table.c.digest == use.digest),
    )
    statement = (
        make(table)
        .values(project_id=use.project_id, key=use.key, **fresh)
        .on_conflict_do_update(
            index_elements=[table.c.project_id, table.c.key], set_=fresh, where=is_free
        )
        .returning(table.c.request_id)
    )
    if connection.execute(statement).first() is not None:
        return State.OURS
    found = connection.execute(
        select(table.c.digest, table.c.status, table.c.request_id).where(_is(use))
    ).first()
    if found is None:  # gone since: whoever asks again gets it
        return State.BUSY
    if found.digest != use.digest:
        return State.OTHER
    if found.status != _IN_PROGRESS:
        return State.KEPT
    # Ours already: the outcome of the commit that made it was not heard of, and it is asked for again.
    return State.OURS if found.request_id == asked.request_id else State.BUSY


def is_claimable(connection: Connection, use: Use, now: int) -> bool:
    """Whether waiting for another process is over: it kept its answer, gave the key back, or died."""
    table = idempotency
    found = connection.execute(
        select(table.c.status, table.c.beat_at_us, table.c.expires_at_us).where(_is(use))
    ).first()
    return (
        found is None
        or found.status != _IN_PROGRESS
        or found.expires_at_us <= now
        or found.beat_at_us <= now - STALE_US
    )


def beat(connection: Connection, claims: Sequence[Claim], now: int) -> None:
    """Say that whoever holds `claims` is alive."""
    if claims:
        table = idempotency
        statement = (
            update(table)
            .where(
                table.c.project_id == bindparam("the_project"),
                table.c.key == bindparam("the_key"),
                table.c.request_id == bindparam("the_request"),
                table.c.status == _IN_PROGRESS,
            )
            .values(beat_at_us=now)
        )
        connection.execute(
            statement,
            [
                {
                    "the_project": one.use.project_id,
                    "the_key": one.use.key,
                    "the_request": one.request_id,
                }
                for one in sorted(claims, key=lambda one: one.use.scope)
            ],
        )


def keep(connection: Connection, use: Use, kept: Kept) -> bool:
    """Keep the answer; False: the claim is not held any more."""
    done = connection.execute(
        update(idempotency)
        .where(_holds(use, kept.request_id))
        .values(
            status=kept.status,
            is_stream=kept.is_stream,
            is_too_large=kept.is_too_large,
            head=kept.head,
            body=b"" if kept.is_too_large else kept.body,
        )
    )
    return done.rowcount == 1


def release(connection: Connection, held: Claim) -> None:
    """Give the key back, as if it had never been used. A no-op when the claim is not held."""
    connection.execute(delete(idempotency).where(_holds(held.use, held.request_id)))


def find_kept(connection: Connection, use: Use, now: int) -> Kept | None:
    """The answer that is kept for this use, with its body."""
    table = idempotency
    row = connection.execute(
        select(table).where(
            _is(use),
            table.c.digest == use.digest,
            table.c.status != _IN_PROGRESS,
            table.c.expires_at_us > now,
        )
    ).first()
    if row is None:
        return None
    return Kept(
        request_id=row.request_id,
        status=row.status,
        head=bytes(row.head),
        body=bytes(row.body),
        is_stream=bool(row.is_stream),
        is_too_large=bool(row.is_too_large),
    )


def purge(connection: Connection, now: int, limit: int) -> int:
    """Delete at most `limit` rows whose time is over, oldest first; how many it were."""
    table = idempotency
    over = (
        select(table.c.project_id, table.c.key)
        .where(table.c.expires_at_us <= now)
        .order_by(table.c.expires_at_us)
        .limit(limit)
    )
    return connection.execute(
        delete(table).where(
            tuple_(table.c.project_id, table.c.key).in_(over), table.c.expires_at_us <= now
        )
    ).rowcount


def _is(use: Use) -> ColumnElement[bool]:
    return and_(idempotency.c.project_id == use.project_id, idempotency.c.key == use.key)


def _holds(use: Use, request_id: str) -> ColumnElement[bool]:
    return and_(
        _is(use), idempotency.c.request_id == request_id, idempotency.c.status == _IN_PROGRESS
    )


def _is_dead(now: int) -> ColumnElement[bool]:
    return and_(idempotency.c.status == _IN_PROGRESS, idempotency.c.beat_at_us <= now - STALE_US)
