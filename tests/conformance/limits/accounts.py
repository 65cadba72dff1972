"""Somebody who asks: a user, a team, a project and a key of their own, so that no test counts for another."""

import itertools
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from weft.app.storage import server_secret
from weft.identity.keys import NewKey, create_key
from weft.identity.people import NewUser, create_user
from weft.identity.teams import create_project, create_team, set_member
from weft.identity.types import Role
from weft.kit import bulk
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.ledger.accounts import GrantKind
from weft.ledger.grants import Cause, give_grant, new_grant
from weft.ledger.posting import Head
from weft.ledger.types import UsageRecord
from weft.ledger.usage.store import find_usage

_numbers = itertools.count(1)
_COUNTED = (
    "SELECT * FROM ledger_rate ORDER BY scope_id, minute",
    "SELECT * FROM ledger_spend ORDER BY scope_id, day",
    "SELECT * FROM ledger_balance ORDER BY account_id",
    "SELECT * FROM ledger_hold ORDER BY id",
    "SELECT COUNT(*) FROM ledger_transaction",
)


@dataclass(frozen=True, slots=True)
class Account:
    """One of each, and their ids."""

    username: str
    user_id: str
    team: str
    team_id: str
    project_id: str
    key_id: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@dataclass(frozen=True, slots=True)
class Books:
    """The database of a server that runs, beside it."""

    database: Database
    secret: bytes

    def open_account(self, *, models: frozenset[str] | None = None) -> Account:
        """An account that nobody used yet, whose key works in its project alone."""
        number, now = next(_numbers), datetime.now(UTC)
        with self.database.write() as connection:
            user = create_user(connection, NewUser(f"user-{number}"), now)
            team = create_team(connection, f"team-{number}", now)
            set_member(connection, team, user.id, role=Role.MEMBER, now=now)
            project = create_project(connection, team, "cloth", now)
            new = NewKey(user, team=team, project=project, allowed_models=models)
            made = create_key(connection, new, secret=self.secret, now=now)
        return Account(
            user.username, user.id, team.name, team.id, project.id, made.key.id, made.api_key
        )

    def open_personal_account(self) -> Account:
        """Somebody who has a personal entity and nothing else."""
        number, now = next(_numbers), datetime.now(UTC)
        with self.database.write() as connection:
            user = create_user(connection, NewUser(f"user-{number}"), now)
            made = create_key(connection, NewKey(user), secret=self.secret, now=now)
        return Account(user.username, user.id, user.username, "", "", made.key.id, made.api_key)

    def give(self, account: Account, amount_nusd: int) -> None:
        """Credit that was bought."""
        now_us = to_us(datetime.now(UTC))
        cause = Cause(source=f"test:{account.team_id}", made_by="test")
        with self.database.write() as connection:
            head = Head(connection, now_us)
            kind = GrantKind.PURCHASED
            grant = new_grant(account.team_id, kind, amount_nusd, cause=cause, now_us=now_us)
            give_grant(connection, head, grant)
            head.save()

    def holds_of(self, account: Account) -> int:
        """How many requests of an account are in flight."""
        with self.database.read() as connection:
            query = "SELECT COUNT(*) FROM ledger_hold WHERE key_id = ?"
            return int(bulk.run(connection, query, (account.key_id,))[0][0])

    def record_of(self, request_id: str) -> UsageRecord | None:
        """What was written down of a request."""
        with self.database.read() as connection:
            return find_usage(connection, request_id)

    def counted(self) -> list[list[tuple[bulk.Value, ...]]]:
        """All that is counted of anybody: rates, spend, balances, holds, transactions."""
        with self.database.read() as connection:
            return [[tuple(row) for row in bulk.run(connection, query)] for query in _COUNTED]


@contextmanager
def opened_books(data_dir: Path) -> Generator[Books]:
    """The books of the server that runs over `data_dir`."""
    database = Database(data_dir / "weft.db")
    try:
        yield Books(database, server_secret(Settings(data_dir=data_dir)))
    finally:
        database.close()
