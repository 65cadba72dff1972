"""A trace store for tests: real database, real writer, real spool; and calls to write into it."""

import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from weft.kit.db import Database
from weft.kit.ids import uuid7_hex
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.calls.write import CallWriter
from weft.traces.projects import ProjectKeys
from weft.traces.store import TraceStore
from weft.traces.writing.ops import Kinds
from weft.traces.writing.spool import Spool
from weft.traces.writing.writer import TraceWriter

PROJECT = "proj_ours"
OTHER = "proj_theirs"
START_US = 1_790_000_000_000_000
"""2026-09-21, on no round hour."""
SPOOL_BYTES = 64 * 1024 * 1024


@contextlib.asynccontextmanager
async def trace_store(
    database: Database, folder: Path, *, spool_bytes: int = SPOOL_BYTES
) -> AsyncGenerator[TraceStore]:
    """A store of calls on a migrated database."""
    keys = ProjectKeys()
    kinds = Kinds({WriteCalls: CallWriter(keys).apply})
    writer = TraceWriter(database, kinds, Spool(folder / "spool", spool_bytes))
    await writer.start()
    try:
        yield TraceStore(database, writer, keys)
    finally:
        await writer.close()


def call(**values: Any) -> CallPart:
    """A whole call; `values` replace what it has by itself."""
    id_ = values.get("id") or uuid7_hex()
    whole: dict[str, Any] = {
        "id": id_,
        "trace_id": f"trace-{id_}",
        "op_name": "weave:///loom/cloth/op/predict:1a",
        "started_at_us": START_US,
        "ended_at_us": START_US + 1_500_000,
        "wb_user_id": "user_ada",
        "attributes": "{}",
        "inputs": '{"a":1}',
        "output": '"done"',
        "summary": "{}",
    }
    return CallPart(**{**whole, **values})


def start_of(part: CallPart) -> CallPart:
    """What a client sends when the call begins."""
    return CallPart(
        id=part.id,
        trace_id=part.trace_id,
        op_name=part.op_name,
        started_at_us=part.started_at_us,
        parent_id=part.parent_id,
        display_name=part.display_name,
        thread_id=part.thread_id,
        turn_id=part.turn_id,
        wb_user_id=part.wb_user_id,
        attributes=part.attributes,
        inputs=part.inputs,
    )


def end_of(part: CallPart) -> CallPart:
    """What a client sends when the call ends."""
    return CallPart(
        id=part.id,
        ended_at_us=part.ended_at_us,
        output=part.output,
        summary=part.summary,
        exception=part.exception,
    )
