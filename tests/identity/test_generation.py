from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from databases import PostgresServer
from identity.house import HandClock, House, wait_for
from weft.identity import generation, keys, logins, people, teams
from weft.identity.types import Project, Role, Team, User
from weft.kit.db import Database


class Scene:
    """One of each, and the rest that a change needs."""

    def __init__(self, house: House, secret: bytes) -> None:
        self.now = house.clock.now()
        self.secret = secret
        self.team: Team = house.team("red")
        self.project: Project = house.project(self.team, "one")
        self.user: User = house.user("ada", self.team)
        self.key = house.key(self.user).key


Change = Callable[[Connection, Scene], object]
CHANGES: dict[str, Change] = {
    "create_user": lambda c, s: people.create_user(c, people.NewUser("bob"), s.now),
    "disable_user": lambda c, s: people.disable_user(c, s.user.id, s.now),
    "enable_user": lambda c, s: people.enable_user(c, s.user.id),
    "set_password": lambda c, s: people.set_password(c, s.user.id, "hash"),
    "set_default_team": lambda c, s: people.set_default_team(c, s.user.id, s.team.id),
    "create_team": lambda c, s: teams.create_team(c, "blue", s.now),
    "remove_team": lambda c, s: teams.remove_team(c, s.team.id, s.now),
    "set_member": lambda c, s: teams.set_member(c, s.team, s.user.id, role=Role.VIEWER, now=s.now),
    "remove_member": lambda c, s: teams.remove_member(c, s.team, s.user.id),
    "create_project": lambda c, s: teams.create_project(c, s.team, "two", s.now),
    "remove_project": lambda c, s: teams.remove_project(c, s.project.id, s.now),
    "create_key": lambda c, s: keys.create_key(c, keys.NewKey(s.user), secret=s.secret, now=s.now),
    "revoke_key": lambda c, s: keys.revoke_key(c, s.key.id, s.now),
}
NO_CHANGES: dict[str, Change] = {
    "write_last_used": lambda c, s: keys.write_last_used(c, {s.key.id: 1}),
    "start_session": lambda c, s: logins.start_session(c, s.user.id, secret=s.secret, now=s.now),
}


@pytest.mark.parametrize("name", CHANGES)
def test_generation_when_identity_changes_then_grows(
    house: House, secret: bytes, name: str
) -> None:
    scene = Scene(house, secret)
    with house.database.write() as connection:
        before = generation.read_generation(connection)
        CHANGES[name](connection, scene)
        assert generation.read_generation(connection) > before


@pytest.mark.parametrize("name", NO_CHANGES)
def test_generation_when_only_a_use_is_noted_then_stays(
    house: House, secret: bytes, name: str
) -> None:
    scene = Scene(house, secret)
    with house.database.write() as connection:
        before = generation.read_generation(connection)
        NO_CHANGES[name](connection, scene)
        assert generation.read_generation(connection) == before


def test_reader_when_another_connection_commits_then_sees_it(house: House) -> None:
    reader = generation.GenerationReader(house.database)
    other = Database(house.database.place)
    try:
        before = reader.read()
        assert before is not None
        with other.write() as connection:
            generation.bump(connection)
            assert reader.read() == before
        wait_for(lambda: reader.read() == before + 1)
    finally:
        other.close()
        reader.close()
        reader.close()


def test_reader_when_the_table_cannot_be_read_then_assumes_nothing(database: Database) -> None:
    reader = generation.GenerationReader(database)
    with database.write() as connection:
        connection.exec_driver_sql("DROP TABLE identity_generation")
    wait_for(lambda: reader.read() is None)
    reader.close()


def test_reader_when_the_server_restarts_then_assumes_nothing_and_reads_again(
    postgres: PostgresServer, migrated_postgres_url: str
) -> None:
    database = Database(migrated_postgres_url)
    reader = generation.GenerationReader(database)
    assert reader.read() == 1
    postgres.kill_backends(str(database.engine.url.database))
    with database.write() as connection:
        generation.bump(connection)
    wait_for(lambda: reader.read() == 2)
    reader.close()
    database.close()


def test_reader_when_a_newer_one_was_noted_then_does_not_fall_behind_it(house: House) -> None:
    reader = generation.GenerationReader(house.database)
    with house.database.write() as connection:
        generation.bump(connection)
        newest = generation.read_generation(connection)
    reader.note(newest)
    assert reader.read() == newest
    reader.note(newest - 1)
    assert reader.read() == newest
    reader.close()


def test_reader_when_what_was_noted_is_taken_back_then_the_database_is_believed(
    migrated_postgres_url: str,
) -> None:
    database = Database(migrated_postgres_url)
    reader = generation.GenerationReader(database)
    reader.note(99)  # a backup was put back since
    wait_for(lambda: reader.read() == 1)
    reader.close()
    database.close()


def test_secret_when_claimed_then_only_that_one_fits(database: Database, clock: HandClock) -> None:
    with database.write() as connection:
        assert generation.claim_secret(connection, "one")
        assert generation.claim_secret(connection, "one")
        assert not generation.claim_secret(connection, "two")
