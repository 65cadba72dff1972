"""Usage records in the database: written once, with their roll-ups, never changed. Sums of them are in `sums.py`.

Plain functions that take a `Connection`; transactions belong to the caller.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.money import NanoUsd
from weft.ledger.schema import usage
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.ledger.usage.rollups.writing import write_rollups

_encode = msgspec.json.Encoder().encode
_COLUMNS = tuple(column.name for column in usage.columns)
_SELECTED = ", ".join(_COLUMNS)


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
    rows = select_usage(connection, "WHERE id = ?", (request_id,))
    return rows[0] if rows else None


def select_usage(
    connection: Connection, tail: str, values: Sequence[bulk.Value]
) -> list[UsageRecord]:
    """The records that `tail` (`WHERE ... ORDER BY ... LIMIT ...`, with `?` marks) chooses."""
    rows = bulk.run(connection, f"SELECT {_SELECTED} FROM usage {tail}", values)  # noqa: S608 - our own words
    return [_record(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def _record(row: Mapping[str, Any]) -> UsageRecord:
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
