"""Writes parts of calls: the only place that inserts into or updates the tables of calls.

Parts come in any order: children before parents, ends before starts, the same part twice, two clients at once. What is
known of a call is merged; an end whose start never came waits in `trace_orphan` and is no call until it does.

Invariant: `trace_rollup` counts every ended call once, with what it tells now.
"""

import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from weft.kit import bulk
from weft.kit.db import SQLITE
from weft.traces.calls.change.notes import heed
from weft.traces.calls.counting import CHUNK, Counting, Told
from weft.traces.calls.facts import Facts, facts_of
from weft.traces.calls.parts import CallPart, WriteCalls, merged
from weft.traces.calls.read.fields import text_of
from weft.traces.digests import text_digest
from weft.traces.projects import ProjectKeys
from weft.traces.schema import BLOB, CALL, ORPHAN, PAYLOAD
from weft.traces.search.marks import mark
from weft.traces.types import ProjectKey

INLINE_BYTES = 64 * 1024
"""Longer inputs and outputs lie apart, so that a scan does not have to step over them."""

_CALL_COLUMNS = tuple(column.name for column in CALL.columns)
_PAYLOAD_COLUMNS = tuple(column.name for column in PAYLOAD.columns)
_OF_END = frozenset(
    {"ended_at_us", "wb_run_step_end", "status", "model", "input_tokens", "output_tokens"}
)
_TEXT_OF_END = frozenset({"output", "output_blob", "summary", "exception"})
_KNOWN = (CALL.c.seq, CALL.c.id, CALL.c.started_at_us, CALL.c.ended_at_us, CALL.c.op, CALL.c.status)
_KNOWN_MORE = (CALL.c.display_name, CALL.c.parent_id, CALL.c.size_bytes)

Key = tuple[ProjectKey, str]


class CallWriter:
    """Applies `WriteCalls`."""

    def __init__(self, keys: ProjectKeys) -> None:
        self._keys = keys

    def apply(self, connection: Connection, ops: Sequence[WriteCalls]) -> None:
        """Write what these operations tell, inside the writer's transaction."""
        by_project: dict[str, dict[str, CallPart]] = {}
        for op in ops:
            parts = by_project.setdefault(op.project_id, {})
            for part in op.parts:
                before = parts.pop(part.id, None)
                parts[part.id] = merged(before, part) if before else part
        for project_id, parts in by_project.items():
            _Batch(connection, self._keys.make(connection, project_id), parts).write()


class _Batch:
    """Parts of one project, one for each call, on their way into the tables."""

    def __init__(
        self, connection: Connection, project: ProjectKey, parts: dict[str, CallPart]
    ) -> None:
        self._connection = connection
        self._project = project
        self._parts = parts
        self._known: dict[str, Row[*tuple[Any, ...]]] = {}
        self._facts: dict[str, Facts] = {}
        self._seqs: dict[str, int] = {}
        self._blobs: dict[str, str] = {}

    def write(self) -> None:
        self._parts = heed(self._connection, self._project, self._parts)
        self._known = {row.id: row for row in self._select(CALL, *_KNOWN, *_KNOWN_MORE)}
        self._take_orphans()
        fresh = [p for p in self._parts.values() if p.id not in self._known and p.has_start]
        changed = [p for p in self._parts.values() if p.id in self._known]
        self._facts = {part.id: facts_of(part) for part in (*fresh, *changed)}
        counting = self._counting(fresh, changed)
        self._leave_orphans()
        self._insert(fresh)
        changing = [self._known[part.id].seq for part in changed]
        mark(self._connection, self._project, self._seqs.values(), changing)
        for part in changed:
            self._update(part, self._known[part.id])
        if counting is not None:
            counting.close(self._tolds(fresh, changed))
        self._write_blobs()

    def _select(self, table: Any, *columns: Any) -> Iterator[Row[*tuple[Any, ...]]]:
        ids = list(self._parts)
        for start in range(0, len(ids), CHUNK):
            wanted = select(*columns).where(
                table.c.project == self._project, table.c.id.in_(ids[start : start + CHUNK])
            )
            yield from self._connection.execute(wanted)

    def _take_orphans(self) -> None:
        """Ends that waited for the starts that are here now."""
        starts = any(part.has_start and part.ended_at_us is None for part in self._parts.values())
        if not starts:
            return
        found = list(self._select(ORPHAN, ORPHAN.c.id, ORPHAN.c.part))
        for row in found:
            part = self._parts[row.id]
            if part.has_start:
                known = self._known.get(row.id)
                if part.ended_at_us is None and (known is None or known.ended_at_us is None):
                    end = msgspec.json.decode(row.part, type=CallPart)
                    self._parts[row.id] = merged(part, end)
                self._connection.execute(
                    delete(ORPHAN).where(ORPHAN.c.project == self._project, ORPHAN.c.id == row.id)
                )

    def _leave_orphans(self) -> None:
        lone = [p for p in self._parts.values() if not p.has_start and p.id not in self._known]
        for part in lone:
            values = {
                "project": self._project,
                "id": part.id,
                "part": msgspec.json.encode(part).decode(),
                "arrived_at_us": time.time_ns() // 1000,
            }
            mine = (ORPHAN.c.project == self._project, ORPHAN.c.id == part.id)
            self._connection.execute(delete(ORPHAN).where(*mine))
            self._connection.execute(insert(ORPHAN), values)

    def _insert(self, parts: list[CallPart]) -> None:
        if not parts:
            return
        last = self._connection.execute(select(func.max(CALL.c.seq))).scalar_one() or 0
        calls: list[bulk.Row] = []
        payloads: list[bulk.Row] = []
        for seq, part in enumerate(parts, last + 1):
            self._seqs[part.id] = seq
            facts = self._facts[part.id]
            calls.append((seq, *self._call(part, facts).values()))
            payloads.append((seq, *self._payload(part, facts).values()))
        bulk.insert(self._connection, CALL.name, _CALL_COLUMNS, calls)
        bulk.insert(self._connection, PAYLOAD.name, _PAYLOAD_COLUMNS, payloads)

    def _update(self, part: CallPart, known: Row[*tuple[Any, ...]]) -> None:
        facts = self._facts[part.id]
        call, payload = self._call(part, facts), self._payload(part, facts)
        is_end = part.ended_at_us is not None
        if not part.has_start:
            call = {name: call[name] for name in _OF_END}
            payload = {name: payload[name] for name in _TEXT_OF_END}
            end = _size(part.output, facts.summary, part.exception)
            call["size_bytes"] = known.size_bytes - self._size_of_end(known) + end
        elif not is_end and known.ended_at_us is not None:
            call = {name: value for name, value in call.items() if name not in _OF_END}
            payload = {name: value for name, value in payload.items() if name not in _TEXT_OF_END}
            call["size_bytes"] += self._size_of_end(known)
        if call.get("display_name") is None:
            call.pop("display_name", None)  # somebody may have named it since
        mine = (known.seq, self._project)
        bulk.run(self._connection, _update(CALL.name, tuple(call)), (*call.values(), *mine))
        bulk.run(
            self._connection, _update(PAYLOAD.name, tuple(payload)), (*payload.values(), known.seq)
        )

    def _size_of_end(self, known: Row[*tuple[Any, ...]]) -> int:
        """How much of a call's size its end is, as it was written."""
        if known.ended_at_us is None:
            return 0
        texts = (text_of(self._project, "output"), PAYLOAD.c.summary, PAYLOAD.c.exception)
        sizes = [func.coalesce(func.length(text), 0) for text in texts]
        wanted = select(*sizes).where(PAYLOAD.c.seq == known.seq)
        return sum(self._connection.execute(wanted).one())

    def _call(self, part: CallPart, facts: Facts) -> dict[str, Any]:
        """Columns in the order of `_CALL_COLUMNS`, without the first."""
        texts = (part.attributes, part.inputs, part.output, facts.summary, part.exception)
        return {
            "project": self._project,
            "id": part.id,
            "trace_id": part.trace_id,
            "parent_id": part.parent_id,
            "op_name": part.op_name,
            "op": facts.op,
            "display_name": part.display_name,
            "started_at_us": part.started_at_us,
            "ended_at_us": part.ended_at_us,
            "status": facts.status,
            "thread_id": part.thread_id,
            "turn_id": part.turn_id,
            "wb_user_id": part.wb_user_id,
            "wb_run_id": part.wb_run_id,
            "wb_run_step": part.wb_run_step,
            "wb_run_step_end": part.wb_run_step_end,
            "model": facts.model,
            "input_tokens": facts.input_tokens,
            "output_tokens": facts.output_tokens,
            "size_bytes": _size(*texts),
        }

    def _payload(self, part: CallPart, facts: Facts) -> dict[str, Any]:
        """Columns in the order of `_PAYLOAD_COLUMNS`, without the first."""
        inputs, inputs_blob = self._place(part.inputs)
        output, output_blob = self._place(part.output)
        return {
            "attributes": part.attributes,
            "inputs": inputs or "{}",
            "output": output,
            "summary": facts.summary,
            "exception": part.exception,
            "otel_dump": part.otel_dump,
            "inputs_blob": inputs_blob,
            "output_blob": output_blob,
        }

    def _place(self, text: str | None) -> tuple[str | None, str | None]:
        if text is None or len(text) <= INLINE_BYTES:
            return text, None
        digest = text_digest(text)
        self._blobs[digest] = text
        return None, digest

    def _write_blobs(self) -> None:
        if not self._blobs:
            return
        dialect = sqlite if self._connection.dialect.name == SQLITE else postgresql
        rows = [
            {"project": self._project, "digest": digest, "body": body}
            for digest, body in self._blobs.items()
        ]
        self._connection.execute(dialect.insert(BLOB).on_conflict_do_nothing(), rows)

    def _counting(self, fresh: list[CallPart], changed: list[CallPart]) -> Counting | None:
        """The sums before anything is written; None where nothing that ended is told of."""
        if not changed and all(part.ended_at_us is None for part in fresh):
            return None
        known = [self._known[part.id] for part in changed]
        parents = {part.parent_id for part in fresh if self._facts[part.id].usage}
        parents |= {row.parent_id for row in known} | {part.parent_id for part in changed}
        return Counting(
            self._connection,
            self._project,
            changing=(row.seq for row in known if row.ended_at_us is not None),
            parents={parent for parent in parents if parent is not None},
        )

    def _tolds(self, fresh: list[CallPart], changed: list[CallPart]) -> list[Told]:
        """What the parts say now, for the sums."""
        tolds = [
            Told(part.id, self._seqs[part.id], None, part.parent_id, self._facts[part.id].usage)
            for part in fresh
            if part.ended_at_us is not None
        ]
        for part in changed:
            known = self._known[part.id]
            tolds.append(
                Told(
                    id=part.id,
                    seq=known.seq,
                    parent_before=known.parent_id,
                    parent=part.parent_id if part.has_start else known.parent_id,
                    usage=None if part.ended_at_us is None else self._facts[part.id].usage,
                )
            )
        return tolds


def _size(*texts: str | None) -> int:
    return sum(len(text) for text in texts if text is not None)


@lru_cache(maxsize=64)
def _update(table: str, columns: tuple[str, ...]) -> str:
    """The statement that sets these columns of one row; which columns those are takes few forms."""
    values = ", ".join(f"{column} = ?" for column in columns)
    project = " AND project = ?" if table == CALL.name else ""
    return f"UPDATE {table} SET {values} WHERE seq = ?{project}"  # noqa: S608 - our own names
