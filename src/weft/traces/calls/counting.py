"""Keeps `trace_usage` and the hourly sums right, in whatever order calls are written, changed and removed.

A call tells what it and all below it used. What it used itself is that, less what its children tell: `told` and
`below` of each row of `trace_usage`. Rows exist for calls that ended and tell of a use.

Invariant: `trace_rollup` is the sum over all ended calls of what `_read` says of them. Whoever changes calls names
those whose state may change, has it read before and after, and the difference is added. So no order is special.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    delete,
)

from weft.kit import bulk
from weft.traces.calls.facts import ERROR, Usage, unversioned
from weft.traces.calls.rollups import LATENCY_MOST_US, Changes
from weft.traces.schema import USAGE
from weft.traces.types import ProjectKey

CHUNK = 500
FIELDS = Usage.__struct_fields__
_BELOW = tuple(f"below_{name}" for name in FIELDS)
USES = (*FIELDS, *_BELOW)
"""The columns that `own_of` takes, in its order."""
_COLUMNS = tuple(column.name for column in USAGE.columns)
_SELECT_USAGE = (
    f"SELECT seq, model, {', '.join(USES)} FROM trace_usage"  # noqa: S608 - our own names
    " WHERE project = ? AND seq IN ({keys})"
)
_SELECT_CALLS = (
    "SELECT seq, started_at_us, ended_at_us, op_name, status FROM trace_call"
    " WHERE project = ? AND ended_at_us IS NOT NULL AND seq IN ({keys})"
)
_SELECT_PARENTS = (
    "SELECT id, seq FROM trace_call WHERE project = ? AND model IS NOT NULL AND id IN ({keys})"
)
_SELECT_CHILDREN = (
    f"SELECT c.parent_id, u.model, {', '.join(f'SUM(u.{name})' for name in FIELDS)}"  # noqa: S608 - our own names
    " FROM trace_call c JOIN trace_usage u ON u.seq = c.seq"
    " WHERE c.project = ? AND c.id <> c.parent_id AND c.parent_id IN ({keys})"
    " GROUP BY c.parent_id, u.model"
)
_ITS_ROW = "WHERE project = ? AND seq = ? AND model = ?"
_SET_BELOW = f"UPDATE trace_usage SET {', '.join(f'{name} = ?' for name in _BELOW)} {_ITS_ROW}"  # noqa: S608
_ADD_BELOW = (
    f"UPDATE trace_usage SET {', '.join(f'{name} = {name} + ?' for name in _BELOW)} {_ITS_ROW}"  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one call: who its parent was and is, and what it tells now."""

    id: str
    seq: int
    parent_before: str | None
    parent: str | None
    usage: Mapping[str, Usage] | None
    """None: as before."""


@dataclass(frozen=True, slots=True)
class _State:
    """One ended call, as far as sums go."""

    started_at_us: int
    latency_us: int
    op: str
    is_error: bool
    told: dict[str, Usage]
    own: dict[str, Usage]


class Counting:
    """One change of calls of one project: made before it, `close`d after it, in one transaction."""

    def __init__(
        self,
        connection: Connection,
        project: ProjectKey,
        *,
        changing: Iterable[int],
        parents: Collection[str],
    ) -> None:
        """Read how things stand: of the calls `changing`, and of calls with ids `parents`, whose children change."""
        self._connection = connection
        self._project = project
        self._parents = self._find_parents(parents)
        self._before = self._read({*changing, *self._parents.values()})

    def close(self, tolds: Sequence[Told]) -> None:
        """Write what calls tell now, and what follows from it for their parents and for the sums."""
        renewed = [told for told in tolds if told.usage is not None]
        self._write_told(renewed)
        summed = {told.id: told.seq for told in renewed if told.usage}
        self._add_to_parents(tolds, set(summed.values()))
        self._sum_children(summed)
        after = self._read({*self._before, *(told.seq for told in tolds)})
        changes = Changes()
        for states, sign in ((self._before, -1), (after, 1)):
            for state in states.values():
                changes.count(
                    self._project,
                    started_at_us=state.started_at_us,
                    op=state.op,
                    latency_us=state.latency_us,
                    is_error=state.is_error,
                    usage=state.own,
                    sign=sign,
                )
        changes.write(self._connection)

    def _find_parents(self, ids: Collection[str]) -> dict[str, int]:
        """Those that tell of a use: for the others it does not matter what their children tell."""
        wanted = [id_ for id_ in ids if id_]
        return dict(bulk.run_in(self._connection, _SELECT_PARENTS, wanted, (self._project,)))

    def _read(self, seqs: Collection[int]) -> dict[int, _State]:
        """How ended calls stand in the database now."""
        wanted, mine = list(seqs), (self._project,)
        usage: dict[int, list[tuple[Any, ...]]] = {}
        for seq, *row in bulk.run_in(self._connection, _SELECT_USAGE, wanted, mine):
            usage.setdefault(seq, []).append(tuple(row))
        return {
            seq: _state(call, usage.get(seq, ()))
            for seq, *call in bulk.run_in(self._connection, _SELECT_CALLS, wanted, mine)
        }

    def _write_told(self, tolds: Sequence[Told]) -> None:
        known = [
            told.seq for told in tolds if told.seq in self._before and self._before[told.seq].told
        ]
        for some in chunks(known):
            self._connection.execute(
                delete(USAGE).where(USAGE.c.project == self._project, USAGE.c.seq.in_(some))
            )
        nothing = (0,) * len(FIELDS)
        rows = [
            (told.seq, model, self._project, *msgspec.structs.astuple(used), *nothing)
            for told in tolds
            for model, used in (told.usage or {}).items()
        ]
        bulk.insert(self._connection, USAGE.name, _COLUMNS, rows)

    def _add_to_parents(self, tolds: Sequence[Told], summed: Collection[int]) -> None:
        """Parents whose own part did not change learn by how much their children's did."""
        added: dict[tuple[int, str], list[int]] = {}

        def add(parent: str | None, usage: Mapping[str, Usage], sign: int) -> None:
            seq = self._parents.get(parent or "")
            if seq is None or seq in summed:
                return
            for model, used in usage.items():
                sums = added.setdefault((seq, model), [0] * len(FIELDS))
                for place, name in enumerate(FIELDS):
                    sums[place] += sign * getattr(used, name)

        for told in tolds:
            state = self._before.get(told.seq)
            before = state.told if state else {}
            now = before if told.usage is None else told.usage
            # a call that names itself as its parent is not its own child
            add(None if told.parent_before == told.id else told.parent_before, before, -1)
            add(None if told.parent == told.id else told.parent, now, 1)
        rows = [(seq, model, sums) for (seq, model), sums in added.items() if any(sums)]
        self._update_below(rows, _ADD_BELOW)

    def _sum_children(self, seqs: Mapping[str, int]) -> None:
        """What the children of calls that tell anew tell, whenever they came; calls by id."""
        rows = [
            (seqs[parent], model, [int(one) for one in sums])
            for parent, model, *sums in bulk.run_in(
                self._connection, _SELECT_CHILDREN, list(seqs), (self._project,)
            )
        ]
        self._update_below(rows, _SET_BELOW)

    def _update_below(self, rows: list[tuple[int, str, list[int]]], statement: str) -> None:
        for seq, model, sums in rows:
            bulk.run(self._connection, statement, (*sums, self._project, seq, model))


def chunks(ids: Iterable[Any], size: int = CHUNK) -> Iterable[list[Any]]:
    """`ids` in lists that one statement can take."""
    whole = list(ids)
    return (whole[start : start + size] for start in range(0, len(whole), size))


def _state(call: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> _State:
    started_at_us, ended_at_us, op_name, status = call
    told: dict[str, Usage] = {}
    own: dict[str, Usage] = {}
    for model, *sums in rows:
        told[model] = Usage(*sums[: len(FIELDS)])
        left = own_of(sums)
        if left != _NOTHING:
            own[model] = left
    latency_us = min(max(ended_at_us - started_at_us, 0), LATENCY_MOST_US)
    return _State(started_at_us, latency_us, unversioned(op_name), status == ERROR, told, own)


_NOTHING = Usage()


def own_of(sums: Sequence[int]) -> Usage:
    """What a call used itself, by what its row of `trace_usage` says that it told, and then that its children did."""
    told, below = sums[: len(FIELDS)], sums[len(FIELDS) :]
    return Usage(*(max(one - other, 0) for one, other in zip(told, below, strict=True)))
