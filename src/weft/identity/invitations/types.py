"""The nouns of invitations."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from weft.identity.types import Role, Team, User
from weft.kit.errors import InvalidRequest, NotFound

EXPIRY_LIMIT = timedelta(days=30)
EXPIRY_DEFAULT = timedelta(days=7)
OPEN_LIMIT = 200
"""Open invitations of one team at a time."""


class NoInvitation(NotFound):
    """The link was used or withdrawn, is too old, or was made up: one answer for all."""

    code = "no_invitation"
    remedy = "ask whoever sent the link for another one"


class AlreadyMember(InvalidRequest):
    """Who accepts is in the team already; the invitation stays good for somebody else."""

    status = 409
    code = "already_member"
    remedy = "nothing is left to do: the team is in your console"


class InvitationState(StrEnum):
    """What became of an invitation."""

    OPEN = "open"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """What it takes to make one."""

    team: Team
    role: Role
    email: str
    invited_by: User | None
    """None: made on the server's machine."""
    ttl: timedelta = EXPIRY_DEFAULT


@dataclass(frozen=True, slots=True)
class Invitation:
    """What is kept of an invitation: never its link."""

    id: str
    team: Team
    role: Role
    email: str
    invited_by: str | None
    """A user name."""
    created_at: datetime
    expires_at: datetime
    state: InvitationState
    used_by: str | None
    """A user name."""
