from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from identity.house import HandClock, House
from weft.identity.keys import (
    DEFAULT_SCOPES,
    NewKey,
    create_key,
    find_credential,
    get_key,
    key_digest,
    list_keys,
    revoke_key,
    write_last_used,
)
from weft.identity.names import InvalidName, NoSuchThing
from weft.identity.types import Scope
from weft.kit.clock import to_us
from weft.kit.errors import InvalidRequest


def test_key_when_made_then_is_found_by_its_hash_only(house: House, secret: bytes) -> None:
    ada = house.user("ada")
    made = house.key(ada)
    with house.database.read() as connection:
        found = find_credential(connection, key_digest(secret, made.api_key.encode()))
        assert found is not None
        assert (found.key, found.user) == (made.key, ada)
        assert find_credential(connection, key_digest(b"other", made.api_key.encode())) is None
        assert find_credential(connection, made.api_key) is None


def test_key_when_made_then_the_database_does_not_hold_it(house: House, tmp_path: Path) -> None:
    made = house.key(house.user("ada"))
    if house.database.dialect == "sqlite":
        stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    else:
        with house.database.read() as connection:
            stored = repr(connection.execute(text("SELECT * FROM identity_key")).all()).encode()
    assert made.key.prefix.encode() in stored
    assert made.api_key.encode() not in stored
    assert made.api_key[5:].encode() not in stored


def test_key_when_read_back_then_all_it_was_made_with_is_there(
    house: House, clock: HandClock
) -> None:
    red = house.team("red")
    one = house.project(red, "one")
    made = house.key(
        house.user("ada", red),
        scopes=frozenset({Scope.INFERENCE}),
        team=red,
        project=one,
        models=frozenset({"a/b", "c"}),
        expires_at=clock.now() + timedelta(days=1),
    )
    with house.database.read() as connection:
        assert get_key(connection, made.key.id) == made.key
    assert made.key.team_id == red.id
    assert made.key.project == "one"
    assert made.api_key.startswith(made.key.prefix)
    assert made.api_key.endswith(made.key.last_four)


def test_keys_when_listed_then_the_newest_is_first_and_users_are_apart(
    house: House, clock: HandClock
) -> None:
    ada, bob = house.user("ada"), house.user("bob")
    first = house.key(ada).key
    clock.advance(1)
    second = house.key(bob).key
    clock.advance(1)
    third = house.key(ada).key
    with house.database.read() as connection:
        assert list_keys(connection) == [third, second, first]
        assert list_keys(connection, ada.id) == [third, first]


def test_keys_when_listed_for_a_team_then_others_do_not_crowd_them_out(
    house: House, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, team = house.user("ada"), house.team("loom")
    ours = house.key(ada, team=team).key
    clock.advance(60)
    house.key(ada)
    monkeypatch.setattr("weft.identity.keys.KEYS_LIMIT", 1)
    with house.database.read() as connection:
        assert list_keys(connection, team_id=team.id) == [ours]


def test_key_when_revoked_twice_then_the_first_moment_stands(
    house: House, clock: HandClock
) -> None:
    key = house.key(house.user("ada")).key
    with house.database.write() as connection:
        revoke_key(connection, key.id, clock.now())
        revoke_key(connection, key.id, clock.now() + timedelta(hours=1))
        assert get_key(connection, key.id).revoked_at == clock.now()
        with pytest.raises(NoSuchThing):
            get_key(connection, "key_none")


def test_last_used_when_an_older_moment_comes_then_the_newer_stays(
    house: House, clock: HandClock
) -> None:
    key = house.key(house.user("ada")).key
    newer = clock.now() + timedelta(minutes=5)
    with house.database.write() as connection:
        write_last_used(connection, {key.id: to_us(newer)})
        write_last_used(connection, {key.id: to_us(clock.now())})
        write_last_used(connection, {})
        assert get_key(connection, key.id).last_used_at == newer


def test_key_when_it_would_be_expired_then_is_refused(
    house: House, clock: HandClock, secret: bytes
) -> None:
    new = NewKey(house.user("ada"), expires_at=clock.now())
    with pytest.raises(InvalidRequest), house.database.write() as connection:
        create_key(connection, new, secret=secret, now=clock.now())


def test_key_when_wishes_are_out_of_bounds_then_is_refused(house: House) -> None:
    ada = house.user("ada")
    red = house.team("red")
    with pytest.raises(InvalidName):
        NewKey(ada, name="a\nb")
    with pytest.raises(InvalidRequest):
        NewKey(ada, scopes=frozenset())
    for models in (frozenset[str](), frozenset(map(str, range(101))), frozenset({"x" * 257})):
        with pytest.raises(InvalidRequest):
            NewKey(ada, allowed_models=models)
    for team, restricted in ((red, None), (None, frozenset({"m"}))):
        with pytest.raises(InvalidRequest, match="manage"):
            NewKey(ada, scopes=frozenset(Scope), team=team, allowed_models=restricted)


def test_key_when_nothing_is_said_then_cannot_manage() -> None:
    assert Scope.MANAGE not in DEFAULT_SCOPES
