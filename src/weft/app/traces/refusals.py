"""What clients of the trace server may ask and this server does not have: refused by name, in the clients' form.

Worked out from what is mounted, so that a route that is added is no longer refused.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Sequence

from fastapi import APIRouter, Request, Response

from weft.app.parts.mounts import Mount
from weft.traces.errors import NotSupported
from weft.traces.routes.desk import PREFIXES, error_answer
from weft.traces.routes.surface import SURFACE

_PARAMETER = re.compile(r"\{[^}]*\}")


def with_refusals(mounts: Sequence[Mount], handlers: Collection[bytes]) -> list[Mount]:
    """`mounts`, and one that refuses the rest; `handlers` are paths that are answered without a router."""
    refused = unanswered(mounts, handlers)
    routes = APIRouter()
    for prefix in PREFIXES:
        for entry in refused:
            method, _, path = entry.partition(" ")
            routes.add_route(prefix + path, _refusal(entry), [method], include_in_schema=False)
    return [*mounts, Mount(routes)]


def unanswered(mounts: Sequence[Mount], handlers: Collection[bytes]) -> list[str]:
    """What of the surface nothing answers."""
    answered = {_plain(entry) for mount in mounts for entry in mount.entries()}
    for path in (handler.decode() for handler in handlers):
        if path.startswith("*"):  # of any project, at both places
            answered |= {f"POST {prefix}/v2/{{}}/{{}}{path[1:]}" for prefix in PREFIXES}
        else:
            answered.add(f"POST {path}")
    return [
        entry
        for entry in SURFACE
        if not all(_plain(entry.replace(" ", f" {prefix}", 1)) in answered for prefix in PREFIXES)
    ]


def _refusal(entry: str) -> Callable[[Request], Awaitable[Response]]:
    async def refuse(_request: Request) -> Response:
        return error_answer(NotSupported(entry))

    return refuse


def _plain(entry: str) -> str:
    """The same for all names of a path's parameters."""
    return _PARAMETER.sub("{}", entry)
