"""The pages behind links that the clients print: a project, a call, an object, a run; and where one gets a key.

Static, as all pages: `link.js` reads the address, asks the API as whoever is signed in, and says what was found.
Addresses: what `weave` 0.54 and `wandb` 0.31 print (`weave/trace/urls.py` and the run's own messages).
"""

import re

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.convertors import Convertor, register_url_convertor
from typing_extensions import override

from weft.identity.names import RESERVED
from weft.web.files import page

LINKS = (
    "/{team:team}/{project}",
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


def router() -> APIRouter:
    """`GET /authorize` and the pages of projects. They come last: whatever else has a path goes first."""
    routes = APIRouter(include_in_schema=False)

    def authorize() -> FileResponse:
        return page("authorize.html")

    def link() -> FileResponse:
        return page("link.html")

    routes.add_api_route("/authorize", authorize, methods=["GET", "HEAD"])
    for path in LINKS:
        routes.add_api_route(path, link, methods=["GET", "HEAD"])
    return routes
