"""Rows of a table in the order of their values."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection

from weft.kit.errors import InvalidRequest
from weft.traces.canonical import dumped, parsed
from weft.traces.objects.read import Sort
from weft.traces.tables.read import Place, read_some
from weft.traces.types import ProjectKey

MOST_ROWS = 50_000
"""Every row has to be read to sort a table."""
MOST_FIELDS = 8
_READ_BYTES = 4 * 1024 * 1024
_READ_ROWS = 500

Key = tuple[int, Any]


def check_sort(sort_by: Sequence[Sort], row_count: int) -> None:
    """Raise `InvalidRequest` if so many rows cannot be sorted, or not by so many fields."""
    if len(sort_by) > MOST_FIELDS:
        raise InvalidRequest(f"at most {MOST_FIELDS} fields", param="sort_by")
    if sort_by and row_count > MOST_ROWS:
        raise InvalidRequest(
            f"a table of {row_count} rows is not sorted; {MOST_ROWS} are the most",
            param="sort_by",
            remedy="read it in its own order, page by page, and sort what you need",
        )


def in_order(
    connection: Connection, key: ProjectKey, places: Sequence[Place], sort_by: Sequence[Sort]
) -> list[Place]:
    """`places` by the values of their rows: numbers, then texts, then everything else; what is missing comes last."""
    keys: dict[str, list[Key | None]] = {}
    start = 0
    while start < len(places):
        rows, taken = read_some(connection, key, places[start : start + _READ_ROWS], _READ_BYTES)
        for row in rows:
            if row.digest not in keys:
                value = parsed(row.val)
                keys[row.digest] = [_key(_at(value, sort.field)) for sort in sort_by]
        start += taken
    ordered = [place for place in places if place.digest in keys]
    for number in reversed(range(len(sort_by))):
        has = [place for place in ordered if keys[place.digest][number] is not None]
        lacks = [place for place in ordered if keys[place.digest][number] is None]
        has.sort(
            key=lambda place, number=number: cast("Key", keys[place.digest][number]),
            reverse=sort_by[number].direction == "desc",
        )
        ordered = has + lacks
    return ordered


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        if isinstance(value, dict):
            value = cast("dict[str, Any]", value).get(name)
        elif isinstance(value, list) and name.isdecimal():
            items = cast("list[Any]", value)
            value = items[int(name)] if int(name) < len(items) else None
        else:
            return None
    return value


def _key(value: Any) -> Key | None:
    if value is None:
        return None
    if isinstance(value, bool | int | float):
        return (0, value)
    return (1, value) if isinstance(value, str) else (2, dumped(value))
