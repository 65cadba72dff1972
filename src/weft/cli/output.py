"""What the commands about people and keys share: how they print, and how they read names and spans of time."""

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Protocol

import msgspec
import typer

from weft.identity.keys import EXPIRY_LIMIT
from weft.kit.errors import InvalidRequest

JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_SPAN = re.compile(r"(\d{1,9})([mhdw])")
_SPAN_S = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def echo_json(value: object) -> None:
    """Print structs, lists and plain values as JSON."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def moment(at: datetime | None, never: str = "never") -> str:
    """A moment as people read it, in UTC, to the minute."""
    return never if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


class Link(Protocol):
    """A link that works once."""

    @property
    def url(self) -> str:
        """Where it leads."""
        ...

    @property
    def expires_at(self) -> datetime:
        """Until when it works."""
        ...


def echo_link(link: Link, *, as_json: bool) -> None:
    """Print a link and how long it is good."""
    if as_json:
        echo_json(link)
    else:
        typer.echo(f"{link.url}\nWorks once, until {moment(link.expires_at)} UTC.")


def read_expiry(text: str, now: datetime) -> datetime:
    """When `30d`, `12h`, `90m` or `4w` from now is; or the beginning of a day such as `2027-01-31`, in UTC.

    Raises:
        InvalidRequest: it is neither.
    """
    span = _SPAN.fullmatch(text)
    if span is not None:
        length_s = int(span[1]) * _SPAN_S[span[2]]
        if 0 < length_s <= EXPIRY_LIMIT.total_seconds():
            return now.replace(microsecond=0) + timedelta(seconds=length_s)
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        try:
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError as error:
            raise _no_expiry(text) from error
    raise _no_expiry(text)


def read_project_name(text: str, team: str | None = None) -> tuple[str, str]:
    """Team and project of `team/project`, or of `project` where the team was named apart.

    Raises:
        InvalidRequest: there is no team, or there are two.
    """
    before, slash, after = text.partition("/")
    named_team, project = (before, after) if slash else (team, before)
    if not named_team or not project or "/" in project or (team and team != named_team):
        raise InvalidRequest(f"{text[:300]!r} is no project; write team/project", param="project")
    return named_team, project


def confirm(question: str, *, yes: bool) -> None:
    """Go on only if the user agrees; without a terminal, only with `--yes`."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InvalidRequest(f"{question} Nothing was changed.", remedy="Say --yes to go on.")
    typer.confirm(question, abort=True)


def _no_expiry(text: str) -> InvalidRequest:
    return InvalidRequest(
        f"{text[:60]!r} is no expiry; write 30d, 12h, or a day such as 2027-01-31", param="expires"
    )
