"""All SQL of the ledger. Plain functions that take a `Connection`; transactions belong to the caller.

How a group of records is written: SQLite takes one multi-row `VALUES` statement for up to 512 rows, so that the
interpreter's lock is taken and let go once for many rows and not once for each. Measured on SQLite 3.40, microseconds
of CPU per row at groups of 1, 64 and 512: `VALUES` 26, 4.4, 4.0; `executemany` 25, 5.3, 4.9; one JSON parameter taken
apart by `json_each` 38, 15, 16.
"""

import hashlib
from collections.abc import Sequence

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    case,
    func,
    select,
)

from weft.kit import bulk
from weft.kit.clock import from_us, to_us
from weft.kit.money import NanoUsd
from weft.ledger.schema import usage
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.ledger.usage.report import (
    NO_SUCH_MODEL,
    UNKNOWN_MODEL,
    US_PER_DAY,
    GroupBy,
    UsageFilter,
    UsageRow,
)
from weft.ledger.usage.rollups import write_rollups

_encode = msgspec.json.Encoder().encode
_COLUMNS = tuple(column.name for column in usage.columns)
MAX_GROUPS = 10_000


def insert_usage(connection: Connection, records: Sequence[UsageRecord]) -> None:
    """Write `records`, and add them to the roll-ups; a second one with the same id is an `IntegrityError`."""
    if records:
        write_rollups(connection, records)
        bulk.insert(connection, "usage", _COLUMNS, [_row(record) for record in records])


def _row(record: UsageRecord) -> tuple[str | int, ...]:
    """The values of `_COLUMNS`."""
    tokens = record.tokens
    return (
        record.id,
        record.started_at_us,
        record.user_id,
        record.team_id,
        record.project_id,
        record.key_id,
        record.model_id,
        record.served_model_id,
        record.engine,
        record.status,
        record.outcome,
        record.error_code,
        record.stream,
        tokens.input,
        tokens.cached_input,
        tokens.output,
        tokens.reasoning,
        record.usage_source,
        record.price_version,
        record.cost_nusd,
        record.queue_us,
        record.ttft_us,
        record.total_us,
        record.refusal,
        record.posted_at_us,
        record.seq,
    )


def usage_content(record: UsageRecord) -> bytes:
    """What the chain keeps of `record`: its columns in the table's order, as a canonical JSON list.

    The same before it is written and after it is read from either database: truth values are `true` and `false`.
    """
    return _encode(_row(record))


def usage_digest(record: UsageRecord) -> str:
    """SHA-256 of `usage_content`: the `content_hash` of the record's charge."""
    return hashlib.sha256(_encode(_row(record))).hexdigest()


def find_usage(connection: Connection, request_id: str) -> UsageRecord | None:
    """The record of one request."""
    row = connection.execute(select(usage).where(usage.c.id == request_id)).mappings().first()
    return None if row is None else _record(row)


def _record(row: RowMapping) -> UsageRecord:
    return UsageRecord(
        id=row["id"],
        started_at_us=row["started_at_us"],
        user_id=row["user_id"],
        team_id=row["team_id"],
        project_id=row["project_id"],
        key_id=row["key_id"],
        model_id=row["model_id"],
        served_model_id=row["served_model_id"],
        engine=row["engine"],
        status=row["status"],
        outcome=Outcome(row["outcome"]),
        error_code=row["error_code"],
        stream=bool(row["stream"]),
        tokens=Tokens(
            input=row["input_tokens"],
            cached_input=row["cached_input_tokens"],
            output=row["output_tokens"],
            reasoning=row["reasoning_tokens"],
        ),
        usage_source=UsageSource(row["usage_source"]),
        price_version=row["price_version"],
        cost_nusd=NanoUsd(row["cost_nusd"]),
        queue_us=row["queue_us"],
        ttft_us=row["ttft_us"],
        total_us=row["total_us"],
        refusal=row["refusal"],
        posted_at_us=row["posted_at_us"],
        seq=row["seq"],
    )


_GROUPS: dict[GroupBy, ColumnElement[str] | ColumnElement[int]] = {
    GroupBy.DAY: usage.c.started_at_us // US_PER_DAY,
    # No model here goes by such a name: it is whatever a client sent.
    GroupBy.MODEL: case(
        ((usage.c.model_id == "") | (usage.c.error_code == NO_SUCH_MODEL), UNKNOWN_MODEL),
        else_=usage.c.model_id,
    ),
    GroupBy.PROJECT: usage.c.project_id,
    GroupBy.KEY: usage.c.key_id,
    GroupBy.USER: usage.c.user_id,
    GroupBy.TEAM: usage.c.team_id,
}
_FAILED = case((usage.c.outcome.in_((Outcome.FAILED, Outcome.REFUSED)), 1), else_=0)


def sum_usage(connection: Connection, by: GroupBy, chosen: UsageFilter) -> list[UsageRow]:
    """The sums of each group, days oldest first and everything else dearest first; at most `MAX_GROUPS`."""
    group = _GROUPS[by]
    cost = func.sum(usage.c.cost_nusd)
    requests = func.count()
    order = (group,) if by is GroupBy.DAY else (cost.desc(), requests.desc(), group)
    statement = (
        select(
            group,
            requests,
            func.sum(_FAILED),
            func.sum(usage.c.input_tokens),
            func.sum(usage.c.cached_input_tokens),
            func.sum(usage.c.output_tokens),
            func.sum(usage.c.reasoning_tokens),
            cost,
        )
        .where(*_conditions(chosen))
        .group_by(group)
        .order_by(*order)
        .limit(MAX_GROUPS)
    )
    return [
        UsageRow(
            _day(int(key)) if by is GroupBy.DAY else str(key), *(int(figure) for figure in figures)
        )
        for key, *figures in connection.execute(statement)
    ]


def _day(number: int) -> str:
    return from_us(number * US_PER_DAY).date().isoformat()


def _conditions(chosen: UsageFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.since is not None:
        conditions.append(usage.c.started_at_us >= to_us(chosen.since))
    if chosen.until is not None:
        conditions.append(usage.c.started_at_us < to_us(chosen.until))
    for column, wanted in (
        (usage.c.model_id, chosen.model_id),
        (usage.c.team_id, chosen.team_id),
        (usage.c.project_id, chosen.project_id),
        (usage.c.key_id, chosen.key_id),
        (usage.c.user_id, chosen.user_id),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    return conditions
