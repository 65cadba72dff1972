"""Reads what references of one project stand for, many at once.

`read_ref_values` is for whoever holds a connection already, such as queries that expand columns; the route
`/refs/read_batch` takes `load` itself, for it goes from project to project.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from weft.kit.errors import PayloadTooLarge
from weft.traces.canonical import parsed
from weft.traces.objects.read import find_version, read_values
from weft.traces.objects.schema import OBJECT
from weft.traces.refs import EdgeKind, Ref, RefKind, find_ref
from weft.traces.resolving.walk import Walk
from weft.traces.tables.read import find_table, page, read_rows, row_sizes
from weft.traces.types import ProjectKey

MOST_BYTES = 64 * 1024 * 1024
"""Of the values that one request reads."""
_IN_ONE = 500


class Budget:
    """How much one request may still read."""

    def __init__(self, size_bytes: int = MOST_BYTES) -> None:
        self._left = size_bytes

    def take(self, size_bytes: int) -> None:
        """Count what is going to be read.

        Raises:
            PayloadTooLarge: it is too much.
        """
        self._left -= size_bytes
        if self._left < 0:
            raise PayloadTooLarge(
                f"the references stand for more than {MOST_BYTES} bytes",
                param="refs",
                remedy="ask for fewer of them at a time",
            )


def read_ref_values(
    connection: Connection, key: ProjectKey, project: str, refs: Iterable[str]
) -> dict[str, Any]:
    """The values of references, by their text: of those that lead to something in `project` (`team/project`).

    What is no reference, is not there, was deleted or leads to another project is left out. References that the last
    edge of a path comes to are not followed, as with the hosted service: expand the columns one by one, outer first.

    Raises:
        PayloadTooLarge: the values are more than one request may read.
    """
    walks: dict[str, Walk] = {}
    for text in dict.fromkeys(refs):
        ref = find_ref(text)
        if ref is not None:
            walks[text] = Walk(ref)
    waiting = list(walks.values())
    budget = Budget()
    while waiting := [walk for walk in waiting if walk.needs and walk.needs.project_id == project]:
        advance(connection, key, waiting, budget)
    return {text: walk.value for text, walk in walks.items() if walk.value is not None}


def advance(connection: Connection, key: ProjectKey, walks: Sequence[Walk], budget: Budget) -> None:
    """Read what walks need of one project, and let them go on from it."""
    needs = {source_of(walk.needs): walk.needs for walk in walks if walk.needs is not None}
    found = _objects(connection, key, needs.values(), budget)
    found |= _rows(connection, key, needs.values(), budget)
    values = {source: parsed(text) for source, text in found.items()}
    for walk in walks:
        if walk.needs is not None:
            walk.go(values.get(source_of(walk.needs)))


def source_of(ref: Ref) -> Ref:
    """What has to be read for a reference: the whole object, or one row of a table."""
    return Ref(
        ref.entity,
        ref.project,
        ref.kind,
        ref.name,
        ref.digest,
        ref.edges[:1] if ref.kind is RefKind.TABLE else (),
    )


def _objects(
    connection: Connection, key: ProjectKey, needs: Iterable[Ref], budget: Budget
) -> dict[Ref, str]:
    wanted = {source_of(ref) for ref in needs if ref.kind is not RefKind.TABLE}
    digests = _digests(connection, key, wanted)
    sizes = dict(digests.values())
    budget.take(sum(sizes.values()))
    values = read_values(connection, key, list(sizes))
    return {ref: values[digest] for ref, (digest, _size) in digests.items() if digest in values}


def _digests(
    connection: Connection, key: ProjectKey, refs: Iterable[Ref]
) -> dict[Ref, tuple[str, int]]:
    """The digest and the size of each version that is there."""
    by_version = {(ref.kind.value, ref.name, ref.digest): ref for ref in refs}
    found: dict[Ref, tuple[str, int]] = {}
    digests = list({digest for _kind, _name, digest in by_version})
    for start in range(0, len(digests), _IN_ONE):
        rows = connection.execute(
            select(OBJECT.c.kind, OBJECT.c.object_id, OBJECT.c.digest, OBJECT.c.size_bytes).where(
                OBJECT.c.project == key,
                OBJECT.c.digest.in_(digests[start : start + _IN_ONE]),
                OBJECT.c.deleted_at_us.is_(None),
            )
        )
        for kind, object_id, digest, size_bytes in rows:
            ref = by_version.pop((kind, object_id, digest), None)
            if ref is not None:
                found[ref] = (digest, size_bytes)
    for ref in by_version.values():  # latest, v3, an alias, the other kind
        version = find_version(connection, key, ref.name, ref.digest)
        if version is not None and version.deleted_at_us is None:
            found[ref] = (version.digest, version.size_bytes)
    return found


def _rows(
    connection: Connection, key: ProjectKey, needs: Iterable[Ref], budget: Budget
) -> dict[Ref, str]:
    by_row: dict[Ref, str] = {}
    for ref in {source_of(ref) for ref in needs if ref.kind is RefKind.TABLE and ref.edges}:
        [edge] = ref.edges
        if edge.kind is EdgeKind.ID:
            by_row[ref] = edge.value
        elif edge.kind is EdgeKind.INDEX:
            digest = _row_at(connection, key, ref.digest, int(edge.value))
            if digest is not None:
                by_row[ref] = digest
    digests = list(set(by_row.values()))
    budget.take(sum(row_sizes(connection, key, digests).values()))
    values = read_rows(connection, key, digests)
    return {ref: values[digest] for ref, digest in by_row.items() if digest in values}


def _row_at(connection: Connection, key: ProjectKey, digest: str, index: int) -> str | None:
    table = find_table(connection, key, digest)
    if table is None:
        return None
    if index < 0:
        index += table.row_count
    places = page(connection, key, table, index, 1) if index >= 0 else []
    return places[0].digest if places else None
