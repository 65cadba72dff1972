"""Objects and tables of a project, for somebody who was let in: what the rest of this room reads and publishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from weft.identity.projects.gate import Visitor
from weft.kit.clock import Clock, to_us
from weft.kit.errors import PayloadTooLarge
from weft.traces.canonical import Scope
from weft.traces.digests import bytes_digest
from weft.traces.files.read import find_file, read_part
from weft.traces.files.write import PART_BYTES, WriteFilePart
from weft.traces.json_text import dump
from weft.traces.objects.errors import NoSuchObject
from weft.traces.objects.publish import NewObject, publish_object
from weft.traces.refs import Ref, RefKind, object_ref, parse_ref
from weft.traces.resolving.read import read_ref_values
from weft.traces.store import TraceStore
from weft.traces.tables.read import TableHead, find_table, page
from weft.traces.types import ProjectKey

TEXT_BYTES = PART_BYTES


@dataclass(frozen=True, slots=True)
class Shelf:
    """Reads and publishes objects."""

    store: TraceStore
    clock: Clock

    async def value(self, visitor: Visitor, ref: str | Ref) -> Any:
        """The value that a reference leads to.

        Raises:
            BadRef: it is no reference.
            NoSuchObject: it leads to nothing in the visitor's project.
        """
        text = str(ref)
        found = (await self.values(visitor, [text])).get(text)
        if found is None:
            parsed = parse_ref(text)
            raise NoSuchObject(parsed.name or text, parsed.digest)
        return found

    async def values(self, visitor: Visitor, refs: list[str]) -> dict[str, Any]:
        """The values of references, by their text; those that lead to nothing in the project are left out."""
        return await self.store.read(
            visitor.project_id,
            lambda connection, key: read_ref_values(connection, key, visitor.name, refs),
            empty=dict[str, Any](),
        )

    async def row_digests(self, visitor: Visitor, table: str) -> list[str]:
        """The digests of all rows of the table that `table` refers to, in order.

        Raises:
            BadRef: it is no reference.
            NoSuchObject: there is no such table.
        """
        ref = parse_ref(table)
        if ref.kind is not RefKind.TABLE or ref.project_id != visitor.name:
            raise NoSuchObject(table)
        found = await self.store.read(
            visitor.project_id,
            lambda connection, key: _all_rows(
                find_table(connection, key, ref.digest), connection, key
            ),
            empty=None,
        )
        if found is None:
            raise NoSuchObject(f"table/{ref.digest}")
        return found

    async def keep_text(self, visitor: Visitor, text: str) -> str:
        """Keep a short text as a file; its digest.

        Raises:
            PayloadTooLarge: it is too long.
        """
        body = text.encode()
        if len(body) > TEXT_BYTES:
            raise PayloadTooLarge(
                f"source code has at most {TEXT_BYTES} bytes", param="source_code"
            )
        digest, at_us = bytes_digest(body), to_us(self.clock.now())
        part = WriteFilePart(visitor.project_id, digest, 0, body, 1, len(body), at_us)
        await self.store.writer.write(part)
        return digest

    async def texts(self, visitor: Visitor, digests: Sequence[str]) -> dict[str, str]:
        """The contents of short files that are texts, by digest; others are left out."""

        def find(connection: Connection, key: ProjectKey) -> dict[str, str]:
            heads = [find_file(connection, key, digest) for digest in dict.fromkeys(digests)]
            return {
                head.digest: read_part(connection, key, head.digest, 0).decode("utf-8", "replace")
                for head in heads
                if head is not None and head.part_count == 1
            }

        return await self.store.read(visitor.project_id, find, empty=dict[str, str]())

    async def publish(
        self, visitor: Visitor, object_id: str, value: dict[str, Any], *, is_op: bool = False
    ) -> str:
        """Publish an object; its reference.

        Raises:
            BadObject: its name will not do.
        """
        new = NewObject(object_id=object_id, val=msgspec.Raw(dump(value).encode()))
        written = await publish_object(
            self.store,
            Scope(visitor.name, visitor.project_id),
            new,
            user_id=visitor.user_id,
            at_us=to_us(self.clock.now()),
        )
        return object_ref(visitor.name, object_id, written.digest, is_op=is_op)


def _all_rows(table: TableHead | None, connection: Connection, key: ProjectKey) -> list[str] | None:
    if table is None:
        return None
    return [place.digest for place in page(connection, key, table, 0, table.row_count)]
