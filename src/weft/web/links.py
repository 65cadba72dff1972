"""The addresses of a team's projects, among them the links that the clients print: a call, an object, a run.

Addresses: what `weave` 0.54 and `wandb` 0.31 print (`weave/trace/urls.py` and the run's own messages).
"""

import re
from collections.abc import Callable

from fastapi import APIRouter, Response
from starlette.convertors import Convertor, register_url_convertor
from typing_extensions import override

from weft.identity.names import RESERVED

LINKS = (
    "/{team:team}/{project}",
    "/{team:team}/{project}/playground",
    "/{team:team}/{project}/weave",
    "/{team:team}/{project}/weave/{rest:path}",
    "/{team:team}/{project}/r/call/{call_id}",
    "/{team:team}/{project}/runs/{run}",
    "/{team:team}/{project}/runs/{run}/{rest:path}",
)


class TeamName(Convertor[str]):
    """A first segment that may be a team's: none of this server's own, whose unknown paths stay unknown."""

    regex = (
        "(?!(?i:" + "|".join(re.escape(name) for name in sorted(RESERVED)) + ")(?:/|$))"
        "[A-Za-z0-9][A-Za-z0-9_.-]{0,127}"
    )

    @override
    def convert(self, value: str) -> str:
        return value

    @override
    def to_string(self, value: str) -> str:
        return value


register_url_convertor("team", TeamName())


def add_pages(routes: APIRouter, page: Callable[[], Response]) -> None:
    """Have `page` open at every address of a project."""
    for path in LINKS:
        routes.add_api_route(path, page, methods=["GET", "HEAD"])
