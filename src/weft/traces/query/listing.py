"""Lists of rows of one plain table, as feedback and costs are asked for: a query, an order, a page, some fields."""

from typing import Any

import msgspec

from weft.kit.errors import InvalidRequest
from weft.traces.query.ast import Condition
from weft.traces.query.compile import SortBy
from weft.traces.query.evaluate import walk
from weft.traces.query.fields import UnknownField
from weft.traces.query.parse import parse_query
from weft.traces.query.paths import split_path

ROWS = 10_000
"""In one answer."""
FIELDS = 100
_OFFSET = 1 << 53


class ListBody(msgspec.Struct):
    """`/feedback/query` and `/cost/query`."""

    project_id: str
    fields: list[str] | None = None
    limit: int | None = None
    offset: int | None = None
    query: Any = None
    sort_by: list[SortBy] | None = None


class Listing(msgspec.Struct, frozen=True):
    """What is wanted of a table."""

    query: Condition | None
    sort_by: tuple[SortBy, ...]
    limit: int
    offset: int
    fields: tuple[str, ...] | None
    """None: all."""


def listing_of(body: ListBody) -> Listing:
    """What a body asks for.

    Raises:
        InvalidRequest: a bound is passed, or the query cannot be read.
    """
    limit = ROWS if body.limit is None else body.limit
    offset = body.offset or 0
    if limit < 0 or not 0 <= offset < _OFFSET:
        raise InvalidRequest("limit and offset are zero or more", param="limit")
    if len(body.fields or ()) > FIELDS:
        raise InvalidRequest(f"at most {FIELDS} fields", param="fields")
    return Listing(
        query=parse_query(body.query),
        sort_by=tuple(body.sort_by or ()),
        limit=min(limit, ROWS),
        offset=offset,
        fields=None if not body.fields else tuple(body.fields),
    )


def picked(row: dict[str, Any], fields: tuple[str, ...] | None) -> dict[str, Any]:
    """The fields of a row that were asked for; a path leads into what is JSON, and gives its own name to what is there.

    Raises:
        UnknownField: the row has no such field.
    """
    if fields is None:
        return row
    found: dict[str, Any] = {}
    for path in fields:
        if path in row:
            found[path] = row[path]
            continue
        first, *rest = split_path(path)
        if first not in row or not rest:
            raise UnknownField(path, ", ".join(row))
        found[path] = walk(_plain(row[str(first)]), rest)
    return found


def _plain(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value
