"""Where a room's routes are: under which prefix, and whether the API's description lists them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.routing import APIRoute

from weft.traces.routes.desk import PREFIXES


@dataclass(frozen=True, slots=True)
class Mount:
    """A router, and where it is."""

    router: APIRouter
    prefix: str = ""
    is_listed: bool = True
    """Whether the API's description has it."""

    def entries(self) -> Iterator[str]:
        """Each of its routes as `METHOD /path`."""
        for route in self.router.routes:
            if isinstance(route, APIRoute):
                for method in route.methods or ():
                    yield f"{method} {self.prefix}{route.path}"


def at_both_places(routers: Iterable[APIRouter]) -> list[Mount]:
    """Routes of the trace API where both kinds of its clients look for them; they are listed at one."""
    kept = list(routers)
    return [Mount(router, prefix, bool(prefix)) for prefix in PREFIXES for router in kept]
