"""`/api/teams/{team}/invitations` for who invites, and `/api/invitations/...` for who was invited.

Tokens come in bodies, never in the path of a request to the API, so that no log of paths holds one.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from weft.identity.audit.store import record
from weft.identity.audit.types import Detail
from weft.identity.invitations.store import (
    find_invitation,
    list_invitations,
    make_invitation,
    use_invitation,
    withdraw,
)
from weft.identity.invitations.types import (
    EXPIRY_DEFAULT,
    EXPIRY_LIMIT,
    Invitation,
    InvitationState,
    NewInvitation,
    NoInvitation,
)
from weft.identity.login.callers import Caller
from weft.identity.login.cookie import refuse_other_sites
from weft.identity.login.entrance import Entrance, place_of
from weft.identity.logins import TOKEN_LIMIT_CHARS
from weft.identity.names import EMAIL_LIMIT_CHARS, NAME_LIMIT_CHARS
from weft.identity.people import NewUser, create_user
from weft.identity.rights.teams import team_to_manage
from weft.identity.secrets import PASSWORD_MAX_CHARS
from weft.identity.types import Role, Team, User, UserId
from weft.kit.errors import InvalidRequest

AskCaller = Callable[[Request], Awaitable[Caller]]
Token = Annotated[str, Field(max_length=TOKEN_LIMIT_CHARS)]
_FORBID = ConfigDict(extra="forbid")


class InvitationRequest(BaseModel):
    """Whom to invite, as what, and for how long the link is good."""

    model_config = _FORBID

    role: Role = Role.MEMBER
    email: Annotated[str, Field(max_length=EMAIL_LIMIT_CHARS)] = ""
    expires_in_s: Annotated[int, Field(ge=60, le=int(EXPIRY_LIMIT.total_seconds()))] = int(
        EXPIRY_DEFAULT.total_seconds()
    )


class InvitationInfo(BaseModel):
    """An invitation, without its link."""

    id: str
    team: str
    role: Role
    email: str
    invited_by: str | None
    created_at: datetime
    expires_at: datetime
    state: InvitationState
    used_by: str | None


class MadeInvitation(InvitationInfo):
    """An invitation that was just made: the only time that its link is shown."""

    url: str


class InvitationList(BaseModel):
    """A team's invitations, the newest first."""

    invitations: list[InvitationInfo]


class LinkRequest(BaseModel):
    """The last part of an invitation's link."""

    model_config = _FORBID

    token: Token


class JoinRequest(LinkRequest):
    """Who comes in by it."""

    username: Annotated[str, Field(max_length=NAME_LIMIT_CHARS)]
    password: Annotated[str, Field(max_length=PASSWORD_MAX_CHARS)]
    email: Annotated[str, Field(max_length=EMAIL_LIMIT_CHARS)] = ""


class Joined(BaseModel):
    """The team, and who is in it now."""

    team: str
    username: str


def add_invitation_routes(routes: APIRouter, entrance: Entrance, caller: AskCaller) -> None:
    """Add them."""
    _add_admin_routes(routes, entrance, caller)
    _add_guest_routes(routes, entrance, caller)


def _add_admin_routes(routes: APIRouter, entrance: Entrance, caller: AskCaller) -> None:
    database, secret, clock = entrance.database, entrance.secret, entrance.clock

    @routes.get("/api/teams/{team}/invitations")
    async def list_team_invitations(
        who: Annotated[Caller, Depends(caller)], team: str
    ) -> InvitationList:
        """The team's invitations, for its admins and those of the server."""
        now = clock.now()
        found = await database.read_soon(
            lambda c: list_invitations(c, managed_team(c, who, team), now)
        )
        return InvitationList(invitations=[invitation_info(one) for one in found])

    @routes.post("/api/teams/{team}/invitations", status_code=201)
    async def invite(
        who: Annotated[Caller, Depends(caller)],
        team: str,
        wanted: InvitationRequest,
        request: Request,
    ) -> MadeInvitation:
        """Make a link that lets one person into the team; it is in this answer and nowhere else."""
        now, ttl = clock.now(), timedelta(seconds=wanted.expires_in_s)

        def make(connection: Connection) -> tuple[Invitation, str]:
            found = managed_team(connection, who, team)
            new = NewInvitation(found, wanted.role, wanted.email, who.user, ttl)
            made, token = make_invitation(connection, new, secret=secret, now=now)
            detail: Detail = {"role": made.role.value, "expires_at": made.expires_at.isoformat()}
            _record(connection, who.user, "invitation.create", made, detail, now)
            return made, token

        made, token = await database.write_soon(make)
        url = entrance.url(request, f"/invite/{token}")
        return MadeInvitation(**invitation_info(made).model_dump(), url=url)

    @routes.delete("/api/teams/{team}/invitations/{invitation_id}", status_code=204)
    async def withdraw_invitation(
        who: Annotated[Caller, Depends(caller)], team: str, invitation_id: str
    ) -> None:
        """Make an open invitation stop working."""
        now = clock.now()

        def end(connection: Connection) -> None:
            managed = managed_team(connection, who, team)
            gone = withdraw(connection, managed, invitation_id, now)
            _record(connection, who.user, "invitation.withdraw", gone, {}, now)

        await database.write_soon(end)

    _ = (list_team_invitations, invite, withdraw_invitation)


def _add_guest_routes(routes: APIRouter, entrance: Entrance, caller: AskCaller) -> None:
    database, secret, clock = entrance.database, entrance.secret, entrance.clock

    @routes.post("/api/invitations/find")
    async def show_invitation(wanted: LinkRequest, request: Request) -> InvitationInfo:
        """What a link invites to. Takes no login."""
        now = clock.now()
        async with _counted(entrance, request):
            found = await database.read_soon(
                lambda c: find_invitation(c, wanted.token, secret=secret, now=now)
            )
        return invitation_info(found)

    @routes.post("/api/invitations/accept")
    async def accept_invitation(
        who: Annotated[Caller, Depends(caller)], wanted: LinkRequest, request: Request
    ) -> Joined:
        """Come into the team as the user who is signed in."""
        now = clock.now()

        def come_in(connection: Connection) -> Invitation:
            used = use_invitation(connection, wanted.token, who.user.id, secret=secret, now=now)
            _record(connection, who.user, "invitation.use", used, {"role": used.role.value}, now)
            return used

        async with _counted(entrance, request):
            used = await database.write_soon(come_in)
        return Joined(team=used.team.name, username=who.user.username)

    @routes.post("/api/invitations/join", status_code=201)
    async def join(wanted: JoinRequest, request: Request, response: Response) -> Joined:
        """Come into the team as a new user, who is signed in by it."""
        refuse_other_sites(request)
        now = clock.now()
        async with _counted(entrance, request):  # before the slow part
            found = await database.read_soon(
                lambda c: find_invitation(c, wanted.token, secret=secret, now=now)
            )
        email = _email(entrance, found, wanted.email)
        hashed = await entrance.passwords.hash(wanted.password)
        new = NewUser(wanted.username, email=email, password_hash=hashed)

        def come_in(connection: Connection) -> UserId:
            user = create_user(connection, new, now)
            used = use_invitation(connection, wanted.token, user.id, secret=secret, now=now)
            _record(connection, user, "invitation.use", used, {"role": used.role.value}, now)
            return user.id

        user_id = await database.write_soon(come_in)
        await entrance.let_in(request, response, user_id)
        return Joined(team=found.team.name, username=wanted.username)

    _ = (show_invitation, accept_invitation, join)


def managed_team(connection: Connection, who: Caller, name: str) -> Team:
    """The team, if the caller manages it: its admins, and those of the server.

    Raises:
        NoSuchThing: there is none, or the caller is not in it.
        NotPermitted: the caller is in it, and no admin.
    """
    return team_to_manage(connection, who.user, name, "invite people", personal=True)


def _record(
    connection: Connection, by: User, action: str, one: Invitation, detail: Detail, now: datetime
) -> None:
    record(
        connection,
        by=by,
        action=action,
        subject=one.email or one.id,
        team=one.team.id,
        detail=detail,
        now=now,
    )


def invitation_info(one: Invitation) -> InvitationInfo:
    """An invitation as it goes out."""
    return InvitationInfo(
        id=one.id,
        team=one.team.name,
        role=one.role,
        email=one.email,
        invited_by=one.invited_by,
        created_at=one.created_at,
        expires_at=one.expires_at,
        state=one.state,
        used_by=one.used_by,
    )


def _email(entrance: Entrance, found: Invitation, told: str) -> str:
    """The new user's address; where addresses decide who comes in, only the one that was invited."""
    options = entrance.ways.oidc
    if options is not None and options.link_by_email and told.lower() != found.email.lower():
        if told:
            raise InvalidRequest("the address has to be the invited one", param="email")
        return found.email
    return told or found.email


def _counted(entrance: Entrance, request: Request) -> "CountWrong":
    return CountWrong(entrance, place_of(request))


class CountWrong:
    """Refuses a place from which too many links came that do not exist, and counts one more."""

    def __init__(self, entrance: Entrance, place: str) -> None:
        self._failures = entrance.wrong_links
        self._place = place

    async def __aenter__(self) -> None:
        self._failures.check(self._place, "")

    async def __aexit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is not None and issubclass(kind, NoInvitation):
            self._failures.note(self._place, "")
