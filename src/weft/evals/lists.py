"""Bounds and lines that the lists of this room share: GET with a query string, one line of JSON for each item."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from fastapi import Query, Response

LIMIT = 1000
"""Items in one answer where the caller names no number; more are asked for with `offset`."""
MOST = 10_000

Limit = Annotated[int | None, Query(ge=0, le=MOST)]
Offset = Annotated[int | None, Query(ge=0, le=1 << 40)]
Some = Annotated[list[str] | None, Query(max_length=1000)]
"""A key that may be repeated: `?ids=a&ids=b`."""


def json_lines(items: Iterable[object]) -> Response:
    """One line for each item."""
    encode = msgspec.json.Encoder().encode
    body = b"".join(encode(item) + b"\n" for item in items)
    return Response(body, media_type="application/jsonl")
