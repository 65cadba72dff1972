"""Write operations as data: what can be put on disk when the database is away, and applied later, twice if need be.

Every kind of operation is a msgspec struct with a tag. Applying one twice must come to the same as applying it once,
and operations of different kinds must not depend on their order: a spool is replayed from its start after a crash.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

import msgspec
from sqlalchemy import Connection


class Op(msgspec.Struct, tag=True, array_like=True):
    """One operation. Subclasses are its kinds; a released field is never moved or removed, new ones have defaults."""

    project_id: str
    """Identity's id of the project that it writes to."""


Apply = Callable[[Connection, Sequence[Any]], None]
"""Writes operations of one kind, inside the writer's transaction."""


class Kinds:
    """The kinds of operations that there are, and how each is applied."""

    def __init__(self, kinds: Mapping[type[Op], Apply]) -> None:
        self._applies = dict(kinds)
        self._encoder = msgspec.msgpack.Encoder()
        union = Union[tuple(kinds)]  # noqa: UP007 - made at run time
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(union)

    def apply_of(self, op: Op) -> Apply:
        """How `op` is applied."""
        return self._applies[type(op)]

    def apply(self, connection: Connection, ops: Sequence[Op]) -> None:
        """Apply operations of any kinds."""
        by_kind: dict[type[Op], list[Op]] = {}
        for op in ops:
            by_kind.setdefault(type(op), []).append(op)
        for kind, group in by_kind.items():
            self._applies[kind](connection, group)

    def encode(self, op: Op) -> bytes:
        """`op` as it lies in a spool."""
        return self._encoder.encode(op)

    def decode(self, body: bytes) -> Op:
        """What lies in a spool."""
        return self._decoder.decode(body)
