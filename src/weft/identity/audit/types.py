"""The nouns of the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from weft.identity.types import UserId

OPERATOR = "x-weft-operator"
"""Header in which a command says, percent-encoded, who gave it; believed of those who prove to be on the machine."""

Value = str | int | bool | list[str] | None
Detail = Mapping[str, Value]
"""What was changed, as few and short values; money as text of nano-dollars, its name ending in `_nusd`."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changed something: a user of this server, whoever gave a command on its machine, or the server itself."""

    name: str
    """As it is shown: `bob (command line)`."""
    user_id: UserId | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was changed."""

    id: str
    at: datetime
    by: str
    by_user_id: UserId | None
    """None for a command, whose user is one of the machine's."""
    action: str
    """What it was about, and what was done: `member.remove`."""
    subject: str
    """The name of what was changed, as it was then."""
    team_id: str | None
    """Whom it concerns; None: the server as a whole."""
    detail: Detail


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries to list; what is left out restricts nothing."""

    by: str = ""
    """Somewhere in the name of who did it, whatever the case."""
    action: str = ""
    """An action, or what it is about: `member` is every `member.…`."""
    team_ids: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Before this moment."""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, the newest first, and where the next page begins; None: there is none."""

    entries: list[Entry]
    next_cursor: str | None
