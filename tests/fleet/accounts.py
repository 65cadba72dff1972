"""Teams, projects and keys for a fleet, made straight in its database, beside the running gateways."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from weft.identity.generation import bump
from weft.identity.keys import NewKey, create_key
from weft.identity.people import list_users
from weft.identity.teams import create_project, create_team, set_member
from weft.identity.types import Role
from weft.kit.clock import to_us
from weft.ledger.accounts import GrantKind
from weft.ledger.grants import Cause, give_grant, new_grant
from weft.ledger.posting import Head
from weft.limits.plans.store import write_team_plan
from weft.limits.rules import Authority, Rule, Setter
from weft.limits.store import insert_limit
from weft.limits.types import LimitKind, LimitScope, Period

TEST = Setter("test", Authority.SERVER, "a test")


@dataclass(frozen=True)
class Account:
    """Somebody who pays: a team with one project and one key."""

    team_id: str
    project_id: str
    key_id: str
    key: str


def make_account(connection: Connection, secret: bytes, name: str) -> Account:
    """A new team, whose only member is the server's first user."""
    now = datetime.now(UTC)
    user = list_users(connection)[0]
    team = create_team(connection, name, now)
    set_member(connection, team, user.id, role=Role.MEMBER, now=now)
    project = create_project(connection, team, "p", now)
    made = create_key(connection, NewKey(user, team=team, project=project), secret=secret, now=now)
    return Account(team.id, project.id, made.key.id, made.api_key)


def limit(
    connection: Connection,
    kind: LimitKind,
    scope: LimitScope,
    scope_id: str,
    most: int,
    period: Period | None,
) -> None:
    """Set a limit, as an admin of the server."""
    rule = Rule(kind, scope, scope_id, period, "", most)
    insert_limit(connection, rule, TEST, to_us(datetime.now(UTC)))
    bump(connection)


def make_prepaid(connection: Connection, account: Account, amount_nusd: int) -> None:
    """A plan without overage and without credit of its own, and a grant."""
    now_us = to_us(datetime.now(UTC))
    write_team_plan(connection, account.team_id, "prepaid", setter=TEST, now_us=now_us)
    head = Head(connection, now_us)
    cause = Cause(source=f"test:{account.team_id}", made_by="test")
    grant = new_grant(account.team_id, GrantKind.PURCHASED, amount_nusd, cause=cause, now_us=now_us)
    give_grant(connection, head, grant)
    head.save()
    bump(connection)
