"""Invitations in the database.

Invariants: a link works once; of several who use it at once, one comes in. It stops working when it is withdrawn, when
it expires, when its team is removed, and when whoever made it may no longer invite.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, Select, insert, select, update

from weft.identity.invitations.types import (
    EXPIRY_LIMIT,
    OPEN_LIMIT,
    AlreadyMember,
    Invitation,
    InvitationState,
    NewInvitation,
    NoInvitation,
)
from weft.identity.logins import TOKEN_LIMIT_CHARS
from weft.identity.names import InvalidName, NoSuchThing, check_email
from weft.identity.schema import INVITATION, MEMBER, TEAM, USER
from weft.identity.secrets import keyed_hash, new_token
from weft.identity.teams import find_role, set_member
from weft.identity.types import Role, Team, TeamId, TeamKind, UserId
from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest
from weft.kit.ids import new_id

LIST_LIMIT = 500
_PURPOSE = "invitation"
_INVITER = USER.alias("inviter")
_USED_BY = USER.alias("used_by_user")


def make_invitation(
    connection: Connection, new: NewInvitation, *, secret: bytes, now: datetime
) -> tuple[Invitation, str]:
    """A new invitation, and the token of its link, which is known this once.

    Raises:
        InvalidRequest: it would last too long, or too many are open.
        InvalidName: the team is a personal entity, or the address is none.
    """
    if new.team.kind is TeamKind.PERSONAL:
        raise InvalidName(
            f"{new.team.name} is a personal entity; make a team to share", param="team"
        )
    if not timedelta(minutes=1) <= new.ttl <= EXPIRY_LIMIT:
        raise InvalidRequest(
            f"an invitation lasts at most {EXPIRY_LIMIT.days} days, and a minute at least",
            param="expires_in_s",
        )
    check_email(new.email)
    still = [one for one in list_invitations(connection, new.team, now) if _is_open(one)]
    if len(still) >= OPEN_LIMIT:
        raise InvalidRequest(
            f"{new.team.name} has {OPEN_LIMIT} open invitations", remedy="withdraw some of them"
        )
    id_, token = new_id("invitation"), new_token()
    connection.execute(
        insert(INVITATION).values(
            id=id_,
            digest=keyed_hash(secret, _PURPOSE, token.encode()),
            team_id=new.team.id,
            role=new.role.value,
            email=new.email,
            invited_by=new.invited_by.id if new.invited_by else None,
            created_at_us=to_us(now),
            expires_at_us=to_us(now + new.ttl),
        )
    )
    return _get(connection, id_, now), token


def list_invitations(connection: Connection, team: Team, now: datetime) -> list[Invitation]:
    """A team's invitations, the newest first, those that were used, withdrawn or have expired included."""
    wanted = _invitations().where(INVITATION.c.team_id == team.id)
    newest = wanted.order_by(INVITATION.c.created_at_us.desc(), INVITATION.c.id).limit(LIST_LIMIT)
    return [_invitation(row, now) for row in connection.execute(newest)]


def withdraw(connection: Connection, team: Team, invitation_id: str, now: datetime) -> Invitation:
    """Make an open invitation stop working.

    Raises:
        NoSuchThing: the team has no open one of this id.
    """
    open_ = (
        INVITATION.c.id == invitation_id,
        INVITATION.c.team_id == team.id,
        INVITATION.c.used_at_us.is_(None),
        INVITATION.c.withdrawn_at_us.is_(None),
    )
    done = connection.execute(update(INVITATION).where(*open_).values(withdrawn_at_us=to_us(now)))
    if done.rowcount == 0:
        raise NoSuchThing("there is no such open invitation", param="invitation_id")
    return _get(connection, invitation_id, now)


def find_invitation(
    connection: Connection, token: str, *, secret: bytes, now: datetime
) -> Invitation:
    """The open invitation of a link.

    Raises:
        NoInvitation: it is not open, or there is none.
    """
    row = None
    if len(token) <= TOKEN_LIMIT_CHARS:
        digest = keyed_hash(secret, _PURPOSE, token.encode("utf-8", "surrogatepass"))
        wanted = _invitations().where(INVITATION.c.digest == digest, TEAM.c.removed_at_us.is_(None))
        row = connection.execute(wanted).one_or_none()
    found = None if row is None else _invitation(row, now)
    if found is None or not _is_open(found) or not _may_invite(connection, row):
        raise NoInvitation("This invitation is used, withdrawn, too old, or never was")
    return found


def use_invitation(
    connection: Connection, token: str, user_id: UserId, *, secret: bytes, now: datetime
) -> Invitation:
    """Make a user a member by a link, which is used up by it. Call it in a write transaction.

    Raises:
        NoInvitation: the link is no good.
        AlreadyMember: the user is in the team; the link stays good.
    """
    found = find_invitation(connection, token, secret=secret, now=now)
    if find_role(connection, found.team.id, user_id) is not None:
        raise AlreadyMember(f"You are in the team {found.team.name} already")
    set_member(connection, found.team, user_id, role=found.role, now=now)
    connection.execute(
        update(INVITATION)
        .where(INVITATION.c.id == found.id)
        .values(used_at_us=to_us(now), used_by=user_id)
    )
    return found


def _get(connection: Connection, invitation_id: str, now: datetime) -> Invitation:
    row = connection.execute(_invitations().where(INVITATION.c.id == invitation_id)).one()
    return _invitation(row, now)


def _is_open(one: Invitation) -> bool:
    return one.state is InvitationState.OPEN


def _may_invite(connection: Connection, row: Row[*tuple[object, ...]] | None) -> bool:
    """Whether who made it is still somebody who could; those made on the server's machine are the server's own."""
    if row is None or row.inviter_id is None:
        return row is not None
    if row.inviter_disabled_at_us is not None:
        return False
    if row.inviter_is_admin:
        return True
    role = connection.execute(
        select(MEMBER.c.role).where(
            MEMBER.c.team_id == row.team_id, MEMBER.c.user_id == row.inviter_id
        )
    ).scalar_one_or_none()
    return role == Role.ADMIN.value


def _invitations() -> Select[*tuple[object, ...]]:
    return (
        select(
            INVITATION,
            TEAM.c.name.label("team"),
            TEAM.c.kind.label("team_kind"),
            TEAM.c.created_at_us.label("team_created_at_us"),
            _INVITER.c.id.label("inviter_id"),
            _INVITER.c.username.label("inviter"),
            _INVITER.c.is_admin.label("inviter_is_admin"),
            _INVITER.c.disabled_at_us.label("inviter_disabled_at_us"),
            _USED_BY.c.username.label("used_by_name"),
        )
        .join(TEAM, TEAM.c.id == INVITATION.c.team_id)
        .outerjoin(_INVITER, _INVITER.c.id == INVITATION.c.invited_by)
        .outerjoin(_USED_BY, _USED_BY.c.id == INVITATION.c.used_by)
    )


def _invitation(row: Row[*tuple[object, ...]], now: datetime) -> Invitation:
    return Invitation(
        id=row.id,
        team=Team(
            TeamId(row.team_id), row.team, TeamKind(row.team_kind), from_us(row.team_created_at_us)
        ),
        role=Role(row.role),
        email=row.email,
        invited_by=row.inviter,
        created_at=from_us(row.created_at_us),
        expires_at=from_us(row.expires_at_us),
        state=_state(row, now),
        used_by=row.used_by_name,
    )


def _state(row: Row[*tuple[object, ...]], now: datetime) -> InvitationState:
    if row.used_at_us is not None:
        return InvitationState.USED
    if row.withdrawn_at_us is not None:
        return InvitationState.WITHDRAWN
    return InvitationState.EXPIRED if row.expires_at_us <= to_us(now) else InvitationState.OPEN
