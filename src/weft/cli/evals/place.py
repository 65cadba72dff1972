"""The server that evaluations run on, as these commands see it: its address, a key, and the project."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import msgspec
import typer

from weft.app.folder import find_server
from weft.cli.output import read_project_name
from weft.evals.values import object_in
from weft.kit.errors import CannotStart
from weft.kit.settings import load_settings

TIMEOUT_S = 300.0
"""An estimate that asks some rows first waits for their answers."""

ProjectOption = Annotated[
    str, typer.Option("--project", "-p", help="team/project, which pays.", show_default=False)
]
UrlOption = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="WEFT_URL",
        help="The server; this machine's if not said.",
        show_default=False,
    ),
]
KeyOption = Annotated[
    str,
    typer.Option(
        "--key",
        envvar="WEFT_API_KEY",
        help="An API key; better in WEFT_API_KEY.",
        show_default=False,
    ),
]


class ServerRefused(CannotStart):
    """The server refused what it was asked; its words and its remedy."""


@dataclass(frozen=True, slots=True)
class Place:
    """A project on a server."""

    url: str
    project: str
    key: str = field(repr=False)

    def ask(self, method: str, path: str, body: object = None, **query: Any) -> Any:
        """The JSON answer of a route of evaluations.

        Raises:
            CannotStart: the server does not answer, or refuses.
        """
        return self.ask_at(f"/api/evals/{quote(self.project)}{path}", method, body, **query)

    def ask_at(self, path: str, method: str, body: object = None, **query: Any) -> Any:
        """The same of any other route."""
        content = None if body is None else msgspec.json.encode(body)
        try:
            answer = httpx.request(
                method,
                self.url + path,
                content=content,
                params=query,
                headers={
                    "Authorization": f"Bearer {self.key}",
                    "Content-Type": "application/json",
                },
                timeout=httpx.Timeout(TIMEOUT_S, connect=5),
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CannotStart(
                f"no server answers at {self.url}: {error}", remedy="start it with `weft serve`"
            ) from error
        if not answer.is_success:
            raise _refusal(answer)
        try:
            return msgspec.json.decode(answer.content)
        except msgspec.DecodeError as error:
            raise CannotStart(f"{self.url} answers no JSON: is it a Weft server?") from error

    def page(self, path: str) -> str:
        """The address of a page of the console."""
        return f"{self.url}/{self.project}/weave/{path}"


def open_place(project: str, url: str, key: str, data: Path | None, config: Path | None) -> Place:
    """The server, the key and the project that the flags of a command name.

    Raises:
        CannotStart: there is no server, or no key.
        InvalidRequest: the project is none.
    """
    team, name = read_project_name(project)
    base = url.rstrip("/").removesuffix("/v1")
    if not base:
        folder = load_settings({"data_dir": data, "config": config}).settings.data_dir
        found = find_server(folder)
        if found is None:
            raise CannotStart(
                f"no server runs on {folder}",
                remedy="start it with `weft serve`, name its folder with --data, or say --url",
            )
        base = found.url.rstrip("/").removesuffix("/v1")
    if not key:
        raise CannotStart(
            "an evaluation is paid by somebody: which key?",
            remedy="set WEFT_API_KEY, or make a key with `weft key create`",
        )
    return Place(base, f"{team}/{name}", key)


def _refusal(answer: httpx.Response) -> ServerRefused:
    try:
        told = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return ServerRefused(f"the server answers {answer.status_code}")
    error = object_in(object_in(told).get("error"))
    message = error.get("message") or object_in(told).get("reason") or answer.reason_phrase
    remedy = object_in(error.get("metadata")).get("remedy")
    return ServerRefused(str(message), remedy=str(remedy) if remedy else None)
