"""Calls as lines of JSON, in the wire's names; texts go into them as they are kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, Row, select

from weft.traces.calls.read.columns import TEXTS, Selection, raw
from weft.traces.calls.read.extras import Extras, Include
from weft.traces.calls.read.fields import text_of
from weft.traces.json_text import dump, load
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.types import ProjectKey

ROWS = 200
"""Whose texts are read at a time."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = (
    *(
        "seq",
        "id",
        "trace_id",
        "parent_id",
        "op_name",
        "op",
        "display_name",
        "thread_id",
        "turn_id",
    ),
    *("started_at_us", "ended_at_us", "status", "wb_user_id", "wb_run_id", "wb_run_step"),
    *("wb_run_step_end", "size_bytes", "model", "input_tokens", "output_tokens"),
)
_COPIED = (
    *("display_name", "parent_id", "thread_id", "turn_id", "exception", "wb_user_id", "wb_run_id"),
    *("wb_run_step", "wb_run_step_end"),
)
_BREAKS = tuple((mark.encode(), b"\\u%04x" % ord(mark)) for mark in "\u0085\u2028\u2029")
"""Line breaks to Unicode, and so to readers of lines who go by that; none to JSON."""
_EMPTY = msgspec.Raw(b"{}")
_NULL = msgspec.Raw(b"null")
_encoder = msgspec.json.Encoder()

CallRow = Any
"""A row with the columns of `trace_call` that lists need, and of the texts those that are wanted."""


class CallLine(msgspec.Struct, omit_defaults=True):
    """One call on the wire."""

    id: str
    project_id: str
    op_name: str
    trace_id: str
    started_at: str
    attributes: msgspec.Raw | UnsetType = UNSET
    inputs: msgspec.Raw | UnsetType = UNSET
    display_name: str | UnsetType | None = UNSET
    parent_id: str | UnsetType | None = UNSET
    thread_id: str | UnsetType | None = UNSET
    turn_id: str | UnsetType | None = UNSET
    ended_at: str | UnsetType | None = UNSET
    exception: str | UnsetType | None = UNSET
    output: msgspec.Raw | UnsetType = UNSET
    summary: msgspec.Raw | UnsetType = UNSET
    otel_dump: msgspec.Raw | UnsetType = UNSET
    wb_user_id: str | UnsetType | None = UNSET
    wb_username: str | UnsetType | None = UNSET
    wb_run_id: str | UnsetType | None = UNSET
    wb_run_step: int | UnsetType | None = UNSET
    wb_run_step_end: int | UnsetType | None = UNSET
    deleted_at: UnsetType | None = UNSET
    storage_size_bytes: int | UnsetType = UNSET
    total_storage_size_bytes: int | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True)
class Layout:
    """What an answer's lines have."""

    project_name: str
    selection: Selection
    include: Include

    def texts(self) -> list[str]:
        """The texts that have to be read."""
        wanted = [
            name for name in (*TEXTS, "otel_dump", "exception") if name in self.selection.names
        ]
        if self.include.costs and "summary" not in wanted:
            wanted.append("summary")
        return wanted


def read_rows(
    connection: Connection, project: ProjectKey, seqs: Sequence[int], texts: Sequence[str]
) -> list[Row[Any]]:
    """The rows of calls, in the order of their `seqs`; those that are not there any more are left out."""
    wanted = select(*(CALL.c[name] for name in _COLUMNS))
    if texts:
        columns = (text_of(project, name).label(name) for name in texts)
        wanted = wanted.add_columns(*columns).join_from(CALL, PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
    wanted = wanted.where(CALL.c.project == project, CALL.c.seq.in_(seqs))
    rows = {row.seq: row for row in connection.execute(wanted)}
    return [rows[seq] for seq in seqs if seq in rows]


def lines(rows: Sequence[CallRow], layout: Layout, extras: Extras) -> Iterator[bytes]:
    """Rows as lines, without their ends."""
    for row in rows:
        line = _encoder.encode(_line(row, layout, extras))
        if not line.isascii():
            for mark, escape in _BREAKS:
                line = line.replace(mark, escape)
        yield line


def _line(row: CallRow, layout: Layout, extras: Extras) -> CallLine:
    names, cut = layout.selection.names, layout.selection.cut
    line = CallLine(row.id, layout.project_name, row.op_name, row.trace_id, iso(row.started_at_us))
    # The client cannot do without these two: they are empty where they were not asked for.
    line.attributes = raw(cut("attributes", row.attributes)) if "attributes" in names else _EMPTY
    line.inputs = raw(cut("inputs", row.inputs)) if "inputs" in names else _EMPTY
    for name in _COPIED:
        if name in names:
            setattr(line, name, getattr(row, name))
    if "ended_at" in names:
        line.ended_at = None if row.ended_at_us is None else iso(row.ended_at_us)
    if "output" in names:
        line.output = _NULL if row.output is None else raw(cut("output", row.output))
    if "summary" in names:
        line.summary = raw(cut("summary", _summary(row, extras)))
    if "otel_dump" in names:
        line.otel_dump = _NULL if row.otel_dump is None else raw(row.otel_dump)
    if "deleted_at" in names:
        line.deleted_at = None
    include = layout.include
    if include.usernames or "wb_username" in names:
        line.wb_username = extras.usernames.get(row.wb_user_id)
    if include.size or "storage_size_bytes" in names:
        line.storage_size_bytes = row.size_bytes
    if include.total_size or "total_storage_size_bytes" in names:
        line.total_storage_size_bytes = extras.sizes.get(row.trace_id)
    return line


def _summary(row: CallRow, extras: Extras) -> str:
    """What was sent, with what the server adds in the place that it has for itself."""
    added: dict[str, Any] = {"status": row.status, "trace_name": row.op}
    if row.display_name is not None:
        added["display_name"] = row.display_name
    if row.ended_at_us is not None:
        added["latency_ms"] = max(row.ended_at_us - row.started_at_us, 0) // 1000
    if extras.costs is not None:
        added["costs"] = extras.costs.get(row.id, {})
    if extras.feedback is not None:
        added["feedback"] = extras.feedback.get(row.id, ())
    if row.summary and '"weave"' in row.summary:
        summary: dict[str, Any] = load(row.summary)
        return dump({**summary, "weave": {**summary.get("weave", {}), **added}})
    text = (row.summary or "{}").rstrip()[:-1].rstrip()
    comma = "" if text.endswith("{") else ","
    return f'{text}{comma}"weave":{dump(added)}}}'


def iso(us: int) -> str:
    """A time as it is sent."""
    moment = _EPOCH + timedelta(microseconds=us)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
