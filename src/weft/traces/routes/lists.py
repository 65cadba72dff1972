"""Long lists as JSON, sent while they are read, so that none has to fit into memory."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TypeVar

from fastapi import Response
from fastapi.responses import StreamingResponse

T = TypeVar("T")

GROUP_ITEMS = 500
GROUP_BYTES = 4 * 1024 * 1024
"""What is read, encoded and sent at a time."""


async def json_list(name: str, groups: AsyncIterator[Sequence[bytes]]) -> Response:
    """The answer `{name: [...]}` of encoded items; whole if they come in one group, else streamed.

    What is wrong with the first group is an error of the answer; what is wrong with a later one cuts it off.
    """
    head = b'{"%b":[' % name.encode()
    filled = (group async for group in groups if group)
    first = await anext(filled, None) or []
    second = await anext(filled, None)
    if second is None:
        return Response(head + b",".join(first) + b"]}", media_type="application/json")

    async def parts(second: Sequence[bytes]) -> AsyncIterator[bytes]:
        yield head + b",".join(first)
        yield b"," + b",".join(second)
        async for group in filled:
            yield b"," + b",".join(group)
        yield b"]}"

    return StreamingResponse(parts(second), media_type="application/json")


def in_groups(items: Sequence[T], sizes: Sequence[int]) -> Iterator[Sequence[T]]:
    """`items` in pieces that are read at once: at least one, and no more than the bounds above."""
    start = size = 0
    for end, size_bytes in enumerate(sizes):
        if end > start and (size + size_bytes > GROUP_BYTES or end - start >= GROUP_ITEMS):
            yield items[start:end]
            start, size = end, 0
        size += size_bytes
    if start < len(items):
        yield items[start:]
