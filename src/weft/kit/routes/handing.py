"""Routes handed from one router to another as they are.

FastAPI's `include_router` works out the parameters and models of each route again where it is included, and matches a
request router by router. A room's routers know their whole paths, so neither is needed: handing them on takes no time,
and building the web app half as long.
"""

import copy
from collections.abc import Iterator

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.utils import generate_unique_id
from starlette.routing import BaseRoute, compile_path


def hand_on(
    routes: APIRouter, to: APIRouter | FastAPI, *, prefix: str = "", is_listed: bool = True
) -> None:
    """Let `to` answer all of `routes`, under `prefix`; whether the description lists them, `is_listed` says.

    Routes of other kinds than FastAPI's own can be handed on where they are, not under a prefix: ValueError.
    """
    to.routes.extend(_moved(routes, prefix, is_listed=is_listed))


def _moved(routes: APIRouter, prefix: str, *, is_listed: bool) -> Iterator[BaseRoute]:
    for route in routes.routes:
        if not prefix and is_listed:
            yield route
        elif isinstance(route, APIRoute):
            moved = copy.copy(route)
            moved.path = prefix + route.path
            moved.path_regex, moved.path_format, moved.param_convertors = compile_path(moved.path)
            moved.unique_id = moved.operation_id or generate_unique_id(moved)
            moved.include_in_schema = route.include_in_schema and is_listed
            yield moved
        else:
            raise ValueError(f"{route} has no place under {prefix!r}")
