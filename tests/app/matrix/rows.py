"""How a row of the table of routes is written: who may, what is sent, and what the audit log is told."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from app.matrix.grounds import MODEL, PROJECT, TEAM, Grounds

Json = Any
Filled = Mapping[str, str]
Fill = Callable[[Grounds, str], Filled | Awaitable[Filled]]
"""Makes what one call needs; told the user name of whoever calls."""

# What `grounds.CALLERS` are answered, in their order: anonymous, other, viewer, member, admin, server.
EVERYBODY = "ok ok ok ok ok ok"
SIGNED_IN = "401 ok ok ok ok ok"
IN_TEAM = "401 404 ok ok ok ok"
TEAM_ADMINS = "401 404 403 403 ok ok"
SERVER_ADMINS = "401 403 403 403 403 ok"
SERVER_ADMINS_OF_TEAM = "401 404 403 403 403 ok"
"""As `SERVER_ADMINS`, and who is not in the team is not told that there is one."""
OF_REQUEST = "401 404 404 ok ok ok"
"""Whoever made a request, and the admins of its team."""


@dataclass(frozen=True)
class Row:
    """One route."""

    may: str
    """What callers are answered: `ok` or a status, for each of `CALLERS`."""
    ok: int = 200
    """The status of those who may."""
    send: Json = None
    """The body; in its texts, and in `query`, `{name}` is what `fill` made."""
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    fill: Fill = lambda _grounds, _caller: {}
    tells: str = ""
    """The action that enters the audit log with each call of somebody who may."""
    by: str = "{caller}"
    """Whom that entry names."""
    silent: str = ""
    """Of a route that changes something: why that is nothing for the audit log."""
    leaves: bool = False
    """Whether it ends the caller's session."""

    @property
    def answers(self) -> list[str]:
        """What each of `CALLERS` is answered."""
        return self.may.split()

    async def place(self, path: str, grounds: Grounds, caller: str) -> tuple[str, Filled]:
        """The path with its names filled in, and the names."""
        made = self.fill(grounds, caller)
        names = {
            "team": TEAM,
            "project": PROJECT,
            "model": MODEL,
            "request_id": grounds.request_id,
            "caller": caller,
            **(await made if isawaitable(made) else made),
        }
        return path.format(**names), names


def filled(value: Json, names: Filled) -> Json:
    """`value` with the names in its texts filled in."""
    if isinstance(value, str):
        return value.format(**names) if "{" in value else value
    if isinstance(value, dict):
        return {key: filled(one, names) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value
