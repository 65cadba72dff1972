import pytest

from identity.house import HandClock, House
from weft.identity.logins import find_session_user, start_session
from weft.identity.names import InvalidName, NameTaken, NoSuchThing
from weft.identity.people import (
    NewUser,
    any_user,
    create_user,
    disable_user,
    enable_user,
    find_password_hash,
    get_user,
    list_users,
    set_password,
)
from weft.identity.teams import find_team, list_memberships, list_teams
from weft.identity.types import Role, TeamKind, UserKind
from weft.kit.db import Database


def test_person_when_made_then_has_a_personal_entity(house: House) -> None:
    ada = house.user("ada")
    with house.database.read() as connection:
        entity = find_team(connection, "ada")
        assert entity is not None
        assert entity.kind is TeamKind.PERSONAL
        (membership,) = list_memberships(connection, ada.id)
        assert membership.role is Role.ADMIN
        assert list_teams(connection) == []
        assert get_user(connection, "ada") == ada
        assert any_user(connection)


def test_service_account_when_made_then_has_no_personal_entity(house: House) -> None:
    bot = house.user("bot", kind=UserKind.SERVICE)
    with house.database.read() as connection:
        assert list_memberships(connection, bot.id) == []


@pytest.mark.parametrize("taken", ["ada", "ADA", "my-team", "My-Team"])
def test_user_when_the_name_is_taken_then_is_refused(house: House, taken: str) -> None:
    house.user("ada")
    house.team("my-team")
    with pytest.raises(NameTaken), house.database.write() as connection:
        create_user(connection, NewUser(taken), house.clock.now())


def test_user_when_the_name_is_odd_then_is_refused() -> None:
    for name in ("", "a/b", "api", "x" * 129):
        with pytest.raises(InvalidName):
            NewUser(name)
    with pytest.raises(InvalidName):
        NewUser("ada", email="nonsense")


def test_users_when_listed_then_are_sorted_by_name(house: House) -> None:
    for name in ("zoe", "Ada", "bob"):
        house.user(name)
    with house.database.read() as connection:
        assert [user.username for user in list_users(connection)] == ["Ada", "bob", "zoe"]


def test_user_when_unknown_then_is_not_found(database: Database) -> None:
    with database.read() as connection:
        assert not any_user(connection)
        with pytest.raises(NoSuchThing):
            get_user(connection, "nobody")


def test_user_when_disabled_then_logins_end_and_enable_does_not_bring_them_back(
    house: House, clock: HandClock, secret: bytes
) -> None:
    ada = house.user("ada")
    now = clock.now()
    with house.database.write() as connection:
        set_password(connection, ada.id, "hash")
        session = start_session(connection, ada.id, secret=secret, now=now)
        assert find_session_user(connection, session, secret=secret, now=now) == ada
        disable_user(connection, ada.id, now)
        assert find_session_user(connection, session, secret=secret, now=now) is None
        assert find_password_hash(connection, "ada") is None
        assert get_user(connection, "ada").disabled_at == now
        enable_user(connection, ada.id)
        assert find_session_user(connection, session, secret=secret, now=now) is None
        assert find_password_hash(connection, "ada") == (ada.id, "hash")


def test_login_when_it_ends_after_the_user_was_disabled_then_is_nobodys(
    house: House, clock: HandClock, secret: bytes
) -> None:
    ada = house.user("ada")
    with house.database.write() as connection:
        disable_user(connection, ada.id, clock.now())
        session = start_session(connection, ada.id, secret=secret, now=clock.now())
        assert find_session_user(connection, session, secret=secret, now=clock.now()) is None


def test_password_when_changed_then_older_logins_end(
    house: House, clock: HandClock, secret: bytes
) -> None:
    ada, bob = house.user("ada"), house.user("bob")
    now = clock.now()
    with house.database.write() as connection:
        session = start_session(connection, ada.id, secret=secret, now=now)
        other = start_session(connection, bob.id, secret=secret, now=now)
        set_password(connection, ada.id, "new")
        assert find_session_user(connection, session, secret=secret, now=now) is None
        assert find_session_user(connection, other, secret=secret, now=now) == bob
