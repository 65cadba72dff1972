"""`/api/teams`, `/api/teams/{team}/members` and `/api/teams/{team}/projects`.

Whoever is in a team sees it; its admins change who is in it. Teams are made and removed by admins of the server,
projects are made by whoever may run models.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection

from weft.identity.admin.shapes import (
    After,
    Limit,
    MemberLine,
    MemberPage,
    NewProject,
    NewTeam,
    ProjectLine,
    ProjectList,
    RoleWanted,
    TeamLine,
    TeamPage,
    Text,
)
from weft.identity.admin.store import (
    Member,
    change_member,
    list_team_members,
    list_team_sizes,
    take_out,
)
from weft.identity.audit.store import record
from weft.identity.names import NoSuchThing
from weft.identity.people import find_user
from weft.identity.rights.teams import require_server_admin, team_to_manage, team_to_see
from weft.identity.teams import (
    create_project,
    create_team,
    find_role,
    list_projects,
    remove_team,
    set_member,
)
from weft.identity.types import Project, Role, User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import NotPermitted

PAGE = 100
SignedIn = Callable[[Request], Awaitable[User]]


def router(database: Database, signed_in: SignedIn, clock: Clock) -> APIRouter:
    """The routes; `signed_in` yields who asks, or refuses."""
    routes = APIRouter(prefix="/api/teams", tags=["identity"])
    _add_teams(routes, database, signed_in, clock)
    _add_removal(routes, database, signed_in, clock)
    _add_members(routes, database, signed_in)
    _add_changes(routes, database, signed_in, clock)
    _add_projects(routes, database, signed_in, clock)
    return routes


def _add_teams(routes: APIRouter, database: Database, signed_in: SignedIn, clock: Clock) -> None:
    @routes.get("")
    async def list_teams(
        who: Annotated[User, Depends(signed_in)],
        q: Text = "",
        after: After = "",
        limit: Limit = PAGE,
    ) -> TeamPage:
        """The caller's teams; for admins of the server all there are."""
        found = await database.read_soon(
            lambda c: list_team_sizes(c, who, text=q, after=after, limit=limit + 1)
        )
        lines = [
            TeamLine(
                name=one.team.name,
                role=one.role,
                members=one.members,
                projects=one.projects,
                created_at=one.team.created_at,
            )
            for one in found[:limit]
        ]
        return TeamPage(teams=lines, next=lines[-1].name if len(found) > limit else None)

    @routes.post("", status_code=201)
    async def make_team(who: Annotated[User, Depends(signed_in)], wanted: NewTeam) -> TeamLine:
        """Make a team; whoever makes it is its first admin. For admins of the server."""
        require_server_admin(who, "make teams", "team create")
        now = clock.now()

        def make(connection: Connection) -> TeamLine:
            team = create_team(connection, wanted.name, now)
            set_member(connection, team, who.id, role=Role.ADMIN, now=now)
            detail = {"admin": who.username}
            record(
                connection,
                by=who,
                action="team.create",
                subject=team.name,
                team=team.id,
                detail=detail,
                now=now,
            )
            return TeamLine(
                name=team.name, role=Role.ADMIN, members=1, projects=0, created_at=team.created_at
            )

        return await database.write_soon(make)

    _ = (list_teams, make_team)


def _add_removal(routes: APIRouter, database: Database, signed_in: SignedIn, clock: Clock) -> None:
    @routes.delete("/{team}", status_code=204)
    async def delete_team(who: Annotated[User, Depends(signed_in)], team: str) -> None:
        """Remove a team and its projects; past usage keeps its names. For admins of the server."""
        require_server_admin(who, "remove teams", "team rm")
        now = clock.now()

        def remove(connection: Connection) -> None:
            found, _role = team_to_see(connection, who, team)
            count = len(list_projects(connection, found.id))
            remove_team(connection, found.id, now)
            record(
                connection,
                by=who,
                action="team.remove",
                subject=found.name,
                team=found.id,
                detail={"projects": count},
                now=now,
            )

        await database.write_soon(remove)

    _ = delete_team


def _add_members(routes: APIRouter, database: Database, signed_in: SignedIn) -> None:
    @routes.get("/{team}/members")
    async def list_members(
        who: Annotated[User, Depends(signed_in)],
        team: str,
        q: Text = "",
        after: After = "",
        limit: Limit = PAGE,
    ) -> MemberPage:
        """Who is in a team of the caller's."""

        def work(connection: Connection) -> tuple[list[Member], bool]:
            found, role = team_to_see(connection, who, team)
            members = list_team_members(connection, found.id, text=q, after=after, limit=limit + 1)
            return members, role is Role.ADMIN or who.is_admin

        found, may_manage = await database.read_soon(work)
        lines = [
            MemberLine(
                username=one.user.username,
                kind=one.user.kind,
                role=one.role,
                since=one.since,
                disabled_at=one.user.disabled_at,
            )
            for one in found[:limit]
        ]
        end = lines[-1].username if len(found) > limit else None
        return MemberPage(members=lines, may_manage=may_manage, next=end)

    _ = list_members


def _add_changes(routes: APIRouter, database: Database, signed_in: SignedIn, clock: Clock) -> None:
    @routes.put("/{team}/members/{username}", status_code=204)
    async def put_member(
        who: Annotated[User, Depends(signed_in)], team: str, username: str, wanted: RoleWanted
    ) -> None:
        """Make a user a member, or change their role; the last admin stays one. For admins of the team."""
        now = clock.now()

        def change(connection: Connection) -> None:
            found = team_to_manage(connection, who, team, "change its members")
            user = _user(connection, username)
            before = change_member(connection, found, user, role=wanted.role, now=now)
            detail = {"role": wanted.role.value, "was": before and before.value}
            record(
                connection,
                by=who,
                action="member.set",
                subject=user.username,
                team=found.id,
                detail=detail,
                now=now,
            )

        await database.write_soon(change)

    @routes.delete("/{team}/members/{username}", status_code=204)
    async def delete_member(
        who: Annotated[User, Depends(signed_in)], team: str, username: str
    ) -> None:
        """Take a user out of a team, whose keys stop working there at once; everybody may leave by themselves."""
        now = clock.now()

        def remove(connection: Connection) -> None:
            if username == who.username:
                found, _role = team_to_see(connection, who, team)
            else:
                found = team_to_manage(connection, who, team, "change its members")
            user = _user(connection, username)
            role = find_role(connection, found.id, user.id)
            take_out(connection, found, user)
            record(
                connection,
                by=who,
                action="member.remove",
                subject=user.username,
                team=found.id,
                detail={"was": role and role.value},
                now=now,
            )

        await database.write_soon(remove)

    _ = (put_member, delete_member)


def _add_projects(routes: APIRouter, database: Database, signed_in: SignedIn, clock: Clock) -> None:
    @routes.get("/{team}/projects")
    async def list_team_projects(
        who: Annotated[User, Depends(signed_in)], team: str
    ) -> ProjectList:
        """The projects of a team of the caller's."""

        def work(connection: Connection) -> ProjectList:
            found, role = team_to_see(connection, who, team, personal=True)
            manages = role is Role.ADMIN or who.is_admin
            return ProjectList(
                projects=[_project_line(one) for one in list_projects(connection, found.id)],
                may_create=manages or role is Role.MEMBER,
                may_manage=manages,
            )

        return await database.read_soon(work)

    @routes.post("/{team}/projects", status_code=201)
    async def make_project(
        who: Annotated[User, Depends(signed_in)], team: str, wanted: NewProject
    ) -> ProjectLine:
        """Make a project in a team; for all but its viewers."""
        now = clock.now()

        def make(connection: Connection) -> ProjectLine:
            found, role = team_to_see(connection, who, team, personal=True)
            if role is Role.VIEWER and not who.is_admin:
                raise NotPermitted(
                    f"Viewers of the team {found.name} cannot make projects",
                    remedy=f"Ask an admin: `weft team add {found.name} USER --role member`.",
                )
            made = create_project(connection, found, wanted.name, now)
            record(
                connection,
                by=who,
                action="project.create",
                subject=f"{found.name}/{made.name}",
                team=found.id,
                now=now,
            )
            return _project_line(made)

        return await database.write_soon(make)

    _ = (list_team_projects, make_project)


def _user(connection: Connection, username: str) -> User:
    user = find_user(connection, username)
    if user is None:
        raise NoSuchThing(
            f"there is no user {username[:128]}",
            param="user",
            remedy="Invite them by a link, or ask an admin of the server to make the user.",
        )
    return user


def _project_line(project: Project) -> ProjectLine:
    return ProjectLine(name=project.name, created_at=project.created_at, trace=project.trace)
