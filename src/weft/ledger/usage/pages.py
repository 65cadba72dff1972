"""Recent requests, page by page: newest first, and nothing twice however much is written meanwhile.

A page begins behind its cursor, the moment and id of the last record of the page before; what is written later is newer
and so never moves what is behind. Which hours hold something that is wanted is known from the roll-ups, so a rare
request is found without reading all that lies between, and the records need no index but that of their moments.

A page reads `MAX_HOURS` hours at most: of what is rare it may hold less than was asked for, and still have a cursor to
go on with. The roll-ups do not tell statuses, but this much: what was completed has the status 200.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest
from weft.ledger.types import Outcome, UsageRecord
from weft.ledger.usage.report import UsageFilter, UsageRow
from weft.ledger.usage.rollups.tiers import US_PER_HOUR, hour_of
from weft.ledger.usage.store import select_usage
from weft.ledger.usage.sums import filter_conditions, find_first_hour, sum_hours

MAX_PAGE = 100
MAX_HOURS = 30
_FIRST_WINDOW_HOURS = 24
_WIDER = 4
_END_US = 2**62
_COMPLETED = 200
_CURSOR_CHARS = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last record that was shown."""

    posted_at_us: int
    id: str

    def __str__(self) -> str:
        return f"{self.posted_at_us}.{self.id}"


@dataclass(frozen=True, slots=True)
class PageAsk:
    """Which requests are wanted, beyond the filter."""

    limit: int = 50
    cursor: Cursor | None = None
    outcome: Outcome | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, newest first."""

    records: tuple[UsageRecord, ...]
    next_cursor: Cursor | None
    """None: there is no more."""


def parse_cursor(text: str) -> Cursor:
    """Read what `str(cursor)` wrote.

    Raises:
        InvalidRequest: it is none.
    """
    moment, dot, id_ = text.partition(".")
    if len(text) > _CURSOR_CHARS or not dot or not (moment.isascii() and moment.isdigit()):
        raise InvalidRequest(
            "this is no cursor", param="cursor", remedy="send the next_cursor of the page before"
        )
    return Cursor(min(int(moment), _END_US), id_)


def list_usage(connection: Connection, filters: Sequence[UsageFilter], ask: PageAsk) -> Page:
    """The newest records behind the cursor that one of `filters`, which have the same span, lets through."""
    assert 1 <= ask.limit <= MAX_PAGE, ask.limit
    found: list[UsageRecord] = []
    end = ask.cursor or Cursor(_END_US, "")
    if filters and filters[0].until is not None:
        end = min(end, Cursor(to_us(filters[0].until), ""), key=lambda c: (c.posted_at_us, c.id))
    hours = _hours(connection, filters, ask, hour_of(end.posted_at_us))
    for count, (hour, most) in enumerate(hours):
        if count == MAX_HOURS:
            return Page(tuple(found), Cursor((hour + 1) * US_PER_HOUR, ""))
        rest = replace(ask, cursor=end, limit=min(ask.limit - len(found), most))
        found += _read(connection, filters, rest, hour)
        if len(found) == ask.limit:
            return Page(tuple(found), Cursor(found[-1].posted_at_us, found[-1].id))
    return Page(tuple(found), None)


def _hours(
    connection: Connection, filters: Sequence[UsageFilter], ask: PageAsk, last: int
) -> Iterator[tuple[int, int]]:
    """The hours, newest first, that may hold what is wanted, and how many at most; in wider and wider windows."""
    oldest = find_first_hour(connection)
    newest = find_last_hour(connection)
    if oldest is None or newest is None or not filters:
        return
    since = filters[0].since
    if since is not None:
        oldest = max(oldest, hour_of(to_us(since)))
    end, width = min(last, newest) + 1, _FIRST_WINDOW_HOURS
    while end > oldest:
        start = max(oldest, end - width)
        span = (from_us(start * US_PER_HOUR), from_us(end * US_PER_HOUR))
        windows = [replace(each, since=span[0], until=span[1]) for each in filters]
        sums = sum_hours(connection, windows)
        for hour in reversed(sums):
            most = _most(sums[hour], ask)
            if most:
                yield hour, most
        end, width = start, width * _WIDER


def find_last_hour(connection: Connection) -> int | None:
    """The hour of the newest record."""
    rows = bulk.run(connection, "SELECT MAX(period) FROM usage_sum WHERE tier = 0")
    return None if rows[0][0] is None else int(rows[0][0])


def _most(row: UsageRow, ask: PageAsk) -> int:
    """How many of an hour's records may be wanted."""
    counts = {
        None: row.requests,
        Outcome.COMPLETED: row.completed,
        Outcome.CANCELLED: row.cancelled,
        Outcome.FAILED: row.failed,
        Outcome.REFUSED: row.refused,
        Outcome.INTERRUPTED: row.interrupted,
    }
    if ask.outcome is None and ask.status not in {None, _COMPLETED}:
        return row.requests - row.completed
    return counts[ask.outcome]


def _read(
    connection: Connection, filters: Sequence[UsageFilter], ask: PageAsk, hour: int
) -> list[UsageRecord]:
    assert ask.cursor is not None
    since_us = hour * US_PER_HOUR
    if filters[0].since is not None:
        since_us = max(since_us, to_us(filters[0].since))
    last_us = min((hour + 1) * US_PER_HOUR - 1, ask.cursor.posted_at_us)
    conditions = ["posted_at_us >= ?", "posted_at_us <= ?", "(posted_at_us < ? OR id < ?)"]
    values: list[bulk.Value] = [since_us, last_us, ask.cursor.posted_at_us, ask.cursor.id]
    for column, wanted in (("outcome", ask.outcome), ("status", ask.status)):
        if wanted is not None:
            conditions.append(f"{column} = ?")
            values.append(wanted.value if isinstance(wanted, Outcome) else wanted)
    ways: list[str] = []
    for each in filters:
        own, own_values = filter_conditions(each, is_record=True)
        ways.append(" AND ".join(own) or "1 = 1")
        values += own_values
    conditions.append(f"({' OR '.join(ways)})")
    tail = f"WHERE {' AND '.join(conditions)} ORDER BY posted_at_us DESC, id DESC LIMIT ?"
    return select_usage(connection, tail, (*values, ask.limit))
