import json
import subprocess
import sys
from pathlib import Path

import pytest

from identity.house import HandClock, House
from weft.identity.bootstrap import FirstStart, first_start
from weft.identity.keys import list_keys
from weft.identity.logins import find_session_user, redeem
from weft.identity.people import find_password_hash, list_users
from weft.identity.principal import Gate
from weft.identity.secrets import verify_password
from weft.identity.teams import list_memberships, list_teams
from weft.identity.types import Role, Scope, TeamKind
from weft.kit.db import Database
from weft.kit.errors import CannotStart

START = """
import dataclasses, json, sys
from pathlib import Path
from weft.identity.bootstrap import first_start
from weft.identity.migrations import MIGRATIONS
from weft.kit.clock import SystemClock
from weft.kit.db import Database
from weft.kit.migrations import migrate

sys.stdin.readline()
database = Database(sys.argv[1])
migrate(database, MIGRATIONS)
with database.write() as connection:
    made = first_start(connection, b"s" * 32, SystemClock())
print(json.dumps(made and dataclasses.asdict(made)))
"""


def start(database: Database, secret: bytes, clock: HandClock) -> FirstStart | None:
    with database.write() as connection:
        return first_start(connection, secret, clock)


async def test_first_start_when_empty_then_everything_it_returns_works(
    database: Database, secret: bytes, clock: HandClock, gate: Gate
) -> None:
    made = start(database, secret, clock)
    assert made is not None
    header = b"Bearer " + made.api_key.encode()
    principal = await gate.authorize(header, b"")
    assert (principal.username, principal.team, principal.project) == (
        made.username,
        made.team,
        made.project,
    )
    assert (made.username, made.team, made.project) == ("admin", "my-team", "inference")
    assert principal.role is Role.ADMIN
    assert principal.is_admin
    assert await gate.authorize(header, b"my-team/inference") == principal
    (await gate.identify(header)).needs(Scope.MANAGE)
    with database.write() as connection:
        found = find_password_hash(connection, "admin")
        assert found is not None
        assert verify_password(found[1], made.password)
        session = redeem(connection, made.login_link, secret=secret, now=clock.now())
        assert session is not None
        user = find_session_user(connection, session, secret=secret, now=clock.now())
        assert user is not None
        assert user.username == "admin"
        memberships = list_memberships(connection, user.id)
        assert [member.team for member in memberships] == ["admin", "my-team"]


def test_first_start_when_there_are_users_then_makes_nothing(
    house: House, secret: bytes, clock: HandClock
) -> None:
    house.user("ada")
    assert start(house.database, secret, clock) is None
    with house.database.read() as connection:
        assert [user.username for user in list_users(connection)] == ["ada"]
        assert list_keys(connection) == []


def test_first_start_when_names_are_given_then_uses_them(
    database: Database, secret: bytes, clock: HandClock
) -> None:
    with database.write() as connection:
        made = first_start(connection, secret, clock, username="root", team="acme")
        assert made is not None
        assert (made.username, made.team) == ("root", "acme")
        (team,) = list_teams(connection)
        assert (team.name, team.kind) == ("acme", TeamKind.TEAM)


@pytest.mark.parametrize(("username", "team"), [("same", "Same"), ("admin", "api"), ("v1", "t")])
def test_first_start_when_names_cannot_be_used_then_ends_with_one_line_and_makes_nothing(
    database: Database, secret: bytes, clock: HandClock, username: str, team: str
) -> None:
    with pytest.raises(CannotStart, match="first administrator"), database.write() as connection:
        first_start(connection, secret, clock, username=username, team=team)
    with database.read() as connection:
        assert list_users(connection) == []


def test_first_start_when_the_secret_is_another_then_ends(
    database: Database, secret: bytes, clock: HandClock
) -> None:
    assert start(database, secret, clock) is not None
    assert start(database, secret, clock) is None
    with pytest.raises(CannotStart, match="secret"):
        start(database, b"another", clock)


def test_first_start_when_printed_then_shows_no_secret(
    database: Database, secret: bytes, clock: HandClock
) -> None:
    made = start(database, secret, clock)
    assert made is not None
    for shown in (repr(made), str(made), f"{made}"):
        assert made.api_key not in shown
        assert made.password not in shown
        assert made.login_link not in shown


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_first_start_when_two_processes_start_at_once_then_one_makes_it(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    path = str(
        tmp_path / "both.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", START, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for process in starts:
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.flush()
    made = [json.loads(process.communicate(timeout=60)[0]) for process in starts]
    assert [process.returncode for process in starts] == [0, 0]
    assert len([one for one in made if one]) == 1
    database = Database(path)
    with database.read() as connection:
        assert len(list_users(connection)) == 1
        assert len(list_keys(connection)) == 1
    database.close()
