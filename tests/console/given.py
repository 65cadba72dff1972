"""What every console of the tests has from the beginning."""

import contextlib
from collections.abc import Generator, Mapping
from pathlib import Path

import httpx

from conformance.server import CARDS, PATIENCE_S, PROJECT, TEAM, Weft, running_weft

ADA = "ada"
STAND_IN = ("--stand-in",)


@contextlib.contextmanager
def running_console(
    folder: Path,
    *,
    settings: Mapping[str, str] | None = None,
    flags: tuple[str, ...] = STAND_IN,
    cards: Path = CARDS,
    members: tuple[str, ...] = (ADA,),
) -> Generator[Weft]:
    """A server as `make serve` starts it, with the team `loom`, its project `cloth`, and its members.

    Engines wake when they are asked, but for those that their cards keep awake: eight that no page asks for cost more
    than the server. What there is is asked for over HTTP, which costs less than a command.
    """
    lazy = {"WEFT_EAGER_ENGINES": "false", **(settings or {})}
    with running_weft(folder, settings=lazy, flags=flags, cards=cards) as weft:
        ask(weft, "POST", "teams", name=TEAM)
        ask(weft, "POST", f"teams/{TEAM}/projects", name=PROJECT)
        for name in members:
            ask(weft, "POST", "users", username=name)
            ask(weft, "PUT", f"teams/{TEAM}/members/{name}", role="member")
        yield weft


def ask(weft: Weft, method: str, path: str, **body: object) -> None:
    """Change something as the administrator."""
    url = f"{weft.console_url}api/{path}"
    answer = httpx.request(method, url, json=body, headers=weft.headers, timeout=PATIENCE_S)
    assert answer.is_success, answer.text
