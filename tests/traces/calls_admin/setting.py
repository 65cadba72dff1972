"""Calls for the tests of what is done with calls besides asking for them."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from weft.kit.db import Database
from weft.kit.ids import uuid7_hex
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.calls.write import CallWriter
from weft.traces.json_text import dump
from weft.traces.projects import ProjectKeys
from weft.traces.schema import PROJECT
from weft.traces.types import HOUR_US, ProjectKey

NOON_US = 1_790_000_000_000_000 // HOUR_US * HOUR_US
_numbers = itertools.count()


def fresh_project() -> str:
    """The id of a project that nobody else uses."""
    return f"proj_{next(_numbers)}_{uuid7_hex()[:8]}"


def write(database: Database, project_id: str, *batches: Iterable[CallPart]) -> ProjectKey:
    """Write parts of calls as the writer does, a transaction for each batch; the project's key."""
    keys = ProjectKeys()
    writer = CallWriter(keys)
    for batch in batches:
        with database.write() as connection:
            writer.apply(connection, [WriteCalls(project_id, list(batch))])
    with database.read() as connection:
        return key_of(connection, project_id)


def key_of(connection: Connection, project_id: str) -> ProjectKey:
    """The key of a project that has one."""
    wanted = select(PROJECT.c.key).where(PROJECT.c.project_id == project_id)
    return ProjectKey(connection.execute(wanted).scalar_one())


def told(usage: Mapping[str, tuple[int, int]]) -> str:
    """A summary that tells of requests' tokens in and out, by model."""
    counts = {
        model: {"requests": 1, "prompt_tokens": tokens_in, "completion_tokens": tokens_out}
        for model, (tokens_in, tokens_out) in usage.items()
    }
    return dump({"usage": counts})


def call(
    id_: str,
    parent: str | None = None,
    *,
    usage: Mapping[str, tuple[int, int]] | None = None,
    **values: Any,
) -> CallPart:
    """A whole call of two seconds at noon."""
    whole: dict[str, Any] = {
        "id": id_,
        "trace_id": "trace",
        "op_name": "weave:///loom/cloth/op/predict:1a",
        "started_at_us": NOON_US,
        "ended_at_us": NOON_US + 2_000_000,
        "parent_id": parent,
        "wb_user_id": "user_ada",
        "output": '"done"',
        "summary": told(usage or {}),
    }
    return CallPart(**{**whole, **values})
