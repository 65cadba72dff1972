"""The gate's hot path: what is found without asking the database, and when it no longer is."""

import asyncio
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from typing_extensions import override

from identity.house import HandClock, House, wait_for
from weft.identity import principal as gate_file
from weft.identity.headers import InvalidKey
from weft.identity.keys import MadeKey, get_key, revoke_key
from weft.identity.people import disable_user
from weft.identity.principal import LAST_USED_EVERY_US, Gate
from weft.identity.teams import get_team, list_projects, remove_member, set_member
from weft.identity.types import Role, Scope
from weft.kit.clock import SystemClock
from weft.kit.db import Database
from weft.kit.errors import WeftError

PLACE = b"red/one"
REVOKE = """
import sys
from datetime import UTC, datetime
from weft.identity.keys import revoke_key
from weft.kit.db import Database

with Database(sys.argv[1]).write() as connection:
    revoke_key(connection, sys.argv[2], datetime.now(UTC))
"""

T = TypeVar("T")


class SlowDatabase(Database):
    """Answers reads only when told to, with what was true when they were made."""

    def __init__(self, place: Path | str) -> None:
        super().__init__(place)
        self.read_done = asyncio.Event()
        self.answer = asyncio.Event()

    @override
    async def read_soon(self, work: Callable[[Connection], T]) -> T:
        found = await super().read_soon(work)
        self.read_done.set()
        await self.answer.wait()
        return found


def a_key(house: House) -> MadeKey:
    return house.key(house.user("ada", house.team("red", "one")))


async def test_find_when_never_asked_then_is_none(house: House, gate: Gate) -> None:
    assert gate.find(house.header(a_key(house)), PLACE) is None


async def test_find_when_asked_before_then_is_the_same_without_the_database(
    house: House, gate: Gate
) -> None:
    header = house.header(a_key(house))
    principal = await gate.authorize(header, PLACE)
    with house.database.write() as connection:  # unannounced, so that a look would show
        connection.execute(text("DELETE FROM identity_key"))
    house.clock.advance(1)
    assert gate.find(header, PLACE) is principal
    assert gate.find(header, b"") is None
    assert gate.find(header + b" ", PLACE) is None


Change = Callable[[Connection, House, MadeKey], None]


def revoke(connection: Connection, house: House, made: MadeKey) -> None:
    revoke_key(connection, made.key.id, house.clock.now())


def disable(connection: Connection, house: House, made: MadeKey) -> None:
    disable_user(connection, made.key.user_id, house.clock.now())


def leave(connection: Connection, _house: House, made: MadeKey) -> None:
    remove_member(connection, get_team(connection, "red"), made.key.user_id)


def demote(connection: Connection, house: House, made: MadeKey) -> None:
    red = get_team(connection, "red")
    set_member(connection, red, made.key.user_id, role=Role.VIEWER, now=house.clock.now())


@pytest.mark.parametrize("change", [revoke, disable, leave, demote])
async def test_find_when_another_connection_took_the_right_away_then_the_next_request_is_refused(
    house: House, gate: Gate, change: Change
) -> None:
    made = a_key(house)
    header = house.header(made)
    await gate.authorize(header, PLACE)
    assert gate.find(header, PLACE) is not None
    other = Database(house.database.place)
    with other.write() as connection:
        change(connection, house, made)
    other.close()
    house.catch_up(gate)
    assert gate.find(header, PLACE) is None
    with pytest.raises(WeftError):
        await gate.authorize(header, PLACE)


async def test_find_when_another_process_revoked_the_key_then_the_next_request_is_refused(
    house: House, secret: bytes
) -> None:
    made = a_key(house)
    header = house.header(made)
    gate = Gate(house.database, secret, SystemClock(), require_project=False)
    await gate.authorize(header, PLACE)
    assert gate.find(header, PLACE) is not None
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", REVOKE, str(house.database.place), made.key.id
    )
    assert await asyncio.wait_for(process.wait(), 60) == 0
    house.catch_up(gate)
    assert gate.find(header, PLACE) is None
    with pytest.raises(InvalidKey) as caught:
        await gate.authorize(header, PLACE)
    assert caught.value.metadata["reason"] == "revoked_key"
    gate.close()


async def test_find_when_the_generation_was_just_read_then_is_not_read_again(
    house: House, gate: Gate
) -> None:
    made = a_key(house)
    header = house.header(made)
    await gate.authorize(header, PLACE)
    gate.find(header, PLACE)
    with house.database.write() as connection:
        revoke(connection, house, made)
    assert gate.find(header, PLACE) is not None  # within the millisecond
    house.catch_up(gate)
    assert gate.find(header, PLACE) is None


async def test_find_when_the_generation_cannot_be_read_then_nothing_is_assumed(
    house: House, gate: Gate
) -> None:
    header = house.header(a_key(house))
    await gate.authorize(header, PLACE)
    with house.database.write() as connection:
        connection.execute(text("ALTER TABLE identity_generation RENAME TO away"))
    wait_for(lambda: house.look(gate) is None)
    assert gate.find(header, PLACE) is None


async def test_find_when_the_key_expires_then_is_none_from_that_moment(
    house: House, gate: Gate
) -> None:
    ada = house.user("ada", house.team("red", "one"))
    made = house.key(ada, expires_at=house.clock.now() + timedelta(seconds=10))
    header = house.header(made)
    await gate.authorize(header, PLACE)
    house.clock.advance(9)
    assert gate.find(header, PLACE) is not None
    house.clock.advance(1)
    assert gate.find(header, PLACE) is None


async def test_authorize_when_it_was_decided_before_a_known_change_then_is_not_kept(
    house: House, secret: bytes
) -> None:
    made = a_key(house)
    header = house.header(made)
    slow = SlowDatabase(house.database.place)
    gate = Gate(slow, secret, house.clock, require_project=False)
    late = asyncio.create_task(gate.authorize(header, PLACE))
    await slow.read_done.wait()
    with house.database.write() as connection:
        revoke(connection, house, made)
    house.catch_up(gate)
    assert gate.find(header, PLACE) is None  # knows the new generation from here on
    slow.answer.set()
    await late
    assert gate.find(header, PLACE) is None
    gate.close()
    slow.close()


async def test_cache_when_full_then_starts_over(
    house: House, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_file, "CACHE_LIMIT", 3)
    header = house.header(a_key(house))
    headers = [header + b" " * count for count in range(4)]
    for one in headers:
        await gate.authorize(one, PLACE)
    assert [gate.find(one, PLACE) is not None for one in headers] == [False, False, False, True]


async def test_authorize_when_many_come_at_once_then_one_project_is_made(
    house: House, gate: Gate
) -> None:
    red = house.team("red")
    header = house.header(house.key(house.user("ada", red)))
    principals = await asyncio.gather(*(gate.authorize(header, b"") for _ in range(20)))
    assert len(set(principals)) == 1
    with house.database.read() as connection:
        assert len(list_projects(connection, red.id)) == 1
    house.clock.advance(1)
    assert gate.find(header, b"") == principals[0]


async def test_last_used_when_flushed_then_is_written_once_a_minute(
    house: House, gate: Gate, clock: HandClock
) -> None:
    made = a_key(house)
    header = house.header(made)

    def last_used() -> object:
        with house.database.read() as connection:
            return get_key(connection, made.key.id).last_used_at

    assert await gate.flush_last_used() == 0
    await gate.authorize(header, PLACE)
    assert last_used() is None
    assert await gate.flush_last_used() == 1
    first = clock.now()
    assert last_used() == first
    clock.advance(LAST_USED_EVERY_US / 1_000_000 - 1)
    assert gate.find(header, PLACE) is not None
    assert await gate.flush_last_used() == 0
    assert last_used() == first
    clock.advance(1)
    assert gate.find(header, PLACE) is not None
    assert await gate.flush_last_used() == 1
    assert last_used() == clock.now()
    clock.advance(1)
    gate.find(header, PLACE)
    assert await gate.flush_last_used(everything=True) == 1
    assert last_used() == clock.now()
    assert await gate.flush_last_used(everything=True) == 0


async def test_last_used_when_flushed_then_the_cache_stays(house: House, gate: Gate) -> None:
    header = house.header(a_key(house))
    await gate.authorize(header, PLACE)
    await gate.flush_last_used()
    house.clock.advance(1)
    assert gate.find(header, PLACE) is not None


odd_bytes = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([b"*", b"weft_' OR '1'='1", b"weft_%", b"\0", "ключ".encode(), b"x" * 10_240]),
    st.from_regex(rb"\Aweft_[0-9A-Za-z]{35}\Z"),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(key=odd_bytes, place=st.one_of(st.just(b""), st.just(PLACE), odd_bytes))
def test_authorize_when_any_bytes_are_sent_then_401_and_nothing_changes(
    house: House, secret: bytes, key: bytes, place: bytes
) -> None:
    gate = Gate(house.database, secret, house.clock, require_project=False)
    for header in (key, b"Bearer " + key, b"Basic " + key):
        with pytest.raises(WeftError) as caught:
            asyncio.run(gate.authorize(header, place))
        assert caught.value.status == 401
        assert gate.find(header, place) is None
    gate.close()
    with house.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM identity_key")).scalar_one() == 0
        assert connection.execute(text("SELECT generation FROM identity_generation")).scalar_one()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=odd_bytes.filter(bool))
def test_authorize_when_any_place_is_named_with_a_good_key_then_401_and_nothing_is_made(
    house: House, secret: bytes, place: bytes
) -> None:
    red = house.team("red")
    made = house.key(house.user("ada", red), scopes=frozenset({Scope.INFERENCE}))
    gate = Gate(house.database, secret, house.clock, require_project=False)
    with pytest.raises(WeftError) as caught:
        asyncio.run(gate.authorize(house.header(made), place))
    assert caught.value.code == "invalid_project"
    gate.close()
    with house.database.read() as connection:
        assert list_projects(connection, red.id) == []
