"""Whose usage somebody may see: the whole of it (server admins), a team's (its admins), or their own (everybody)."""

from dataclasses import replace

from sqlalchemy import Connection

from weft.identity.teams import list_memberships
from weft.identity.types import Role, User
from weft.ledger.types import UsageRecord
from weft.ledger.usage.report import UsageFilter


def visible(connection: Connection, caller: User, chosen: UsageFilter) -> list[UsageFilter]:
    """What of `chosen` the caller may see, as filters that do not overlap; none: nothing."""
    if caller.is_admin:
        return [chosen]
    own = _own(caller, chosen)
    teams = _administered(connection, caller)
    if not teams or chosen.user_id == caller.id:
        return own
    if chosen.team_id is not None:
        return [chosen] if chosen.team_id in teams else own
    theirs = replace(chosen, team_ids=teams)
    return [theirs, *(replace(each, except_team_ids=teams) for each in own)]


def may_see(connection: Connection, caller: User, record: UsageRecord) -> bool:
    """Whether the caller may see this record."""
    return (
        caller.is_admin
        or record.user_id == caller.id
        or record.team_id in _administered(connection, caller)
    )


def _own(caller: User, chosen: UsageFilter) -> list[UsageFilter]:
    if chosen.user_id not in {None, caller.id}:
        return []
    return [replace(chosen, user_id=caller.id)]


def _administered(connection: Connection, caller: User) -> tuple[str, ...]:
    """Teams that the caller is an admin of. The personal entity is left out: nobody can use models in its name."""
    return tuple(
        membership.team_id
        for membership in list_memberships(connection, caller.id)
        if membership.role is Role.ADMIN and membership.team != caller.username
    )
