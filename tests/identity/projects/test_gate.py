"""Who may enter a project: members with a key for it or a session, as long as both hold."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from identity.house import SECRET, HandClock, House
from weft.identity.headers import InvalidKey, MissingKey
from weft.identity.keys import revoke_key
from weft.identity.login.callers import ScopeMissing
from weft.identity.logins import start_session
from weft.identity.names import NoSuchThing
from weft.identity.projects.gate import Credentials, ProjectGate, ReadOnly
from weft.identity.teams import remove_member, remove_project
from weft.identity.types import Role, Scope
from weft.kit.db import Database
from weft.kit.errors import NotAuthenticated

TRACES = frozenset({Scope.TRACES})


@pytest.fixture
def gate(database: Database, clock: HandClock) -> Iterator[ProjectGate]:
    gate = ProjectGate(database, SECRET, clock)
    yield gate
    gate.close()


def with_key(house: House, name: str = "ada", **how: object) -> Credentials:
    """A member of `loom`, which has the project `cloth`, and her key."""
    team = house.team("loom", *([] if house.users else ["cloth"]))
    user = house.users.setdefault(name, house.user(name, team))
    return Credentials(house.header(house.key(user, **{"scopes": TRACES, **how})))  # pyright: ignore[reportArgumentType]


async def test_member_when_entering_with_a_key_then_is_known_and_may_write(
    house: House, gate: ProjectGate
) -> None:
    visitor = await gate.enter(with_key(house), "loom/cloth")
    assert (visitor.name, visitor.username, visitor.role) == ("loom/cloth", "ada", Role.MEMBER)
    visitor.may_write()


async def test_member_when_entering_again_then_is_the_same_visitor(
    house: House, gate: ProjectGate
) -> None:
    key = with_key(house)
    await gate.enter(
        key, "loom/cloth"
    )  # the first look fills the memory at the generation that it saw
    assert (await gate.enter(key, "loom/cloth")) == (await gate.enter(key, "loom/cloth"))


async def test_viewer_when_entering_then_may_not_write(house: House, gate: ProjectGate) -> None:
    team = house.team("loom", "cloth")
    vic = house.user("vic", team, role=Role.VIEWER)
    visitor = await gate.enter(
        Credentials(house.header(house.key(vic, scopes=TRACES))), "loom/cloth"
    )
    with pytest.raises(ReadOnly, match="loom"):
        visitor.may_write()


@pytest.mark.parametrize("name", ["loom/none", "none/cloth", "loom", "", "loom/cloth/x", "LOOM/x"])
async def test_project_when_it_is_not_there_then_is_refused(
    house: House, gate: ProjectGate, name: str
) -> None:
    with pytest.raises(NoSuchThing):
        await gate.enter(with_key(house), name)


async def test_project_when_it_is_another_teams_then_is_as_if_it_were_not_there(
    house: House, gate: ProjectGate
) -> None:
    house.team("mill", "cloth")
    with pytest.raises(NoSuchThing, match="mill/cloth"):
        await gate.enter(with_key(house), "mill/cloth")


async def test_key_when_it_is_for_another_project_then_finds_none(
    house: House, gate: ProjectGate
) -> None:
    key = with_key(house)
    team = house.team("loom")
    other = house.project(team, "silk")
    bound = house.key(house.users["ada"], scopes=TRACES, team=team, project=other)
    with pytest.raises(NoSuchThing):
        await gate.enter(Credentials(house.header(bound)), "loom/cloth")
    assert (await gate.enter(Credentials(house.header(bound)), "loom/silk")).project == "silk"
    assert (await gate.enter(key, "loom/cloth")).project == "cloth"


async def test_key_when_made_for_inference_only_then_is_refused(
    house: House, gate: ProjectGate
) -> None:
    with pytest.raises(ScopeMissing):
        await gate.enter(with_key(house, scopes=frozenset({Scope.INFERENCE})), "loom/cloth")


async def test_caller_when_nothing_says_who_it_is_then_is_refused(gate: ProjectGate) -> None:
    with pytest.raises(MissingKey):
        await gate.enter(Credentials(), "loom/cloth")
    with pytest.raises(NotAuthenticated):
        await gate.enter(Credentials(session="made up"), "loom/cloth")
    with pytest.raises(InvalidKey):
        await gate.enter(Credentials(b"Bearer weft_" + b"x" * 35), "loom/cloth")


async def test_session_when_it_is_good_then_lets_in(house: House, gate: ProjectGate) -> None:
    with_key(house)
    now = house.clock.now()
    with house.database.write() as connection:
        session = start_session(connection, house.users["ada"].id, secret=SECRET, now=now)
    assert (await gate.enter(Credentials(session=session), "loom/cloth")).username == "ada"


@pytest.mark.parametrize("change", ["revoked", "expired", "left", "removed"])
async def test_member_when_something_changed_then_the_next_request_is_refused(
    house: House, gate: ProjectGate, change: str
) -> None:
    team = house.team("loom", "cloth")
    ada = house.user("ada", team)
    made = house.key(ada, scopes=TRACES, expires_at=house.clock.now() + timedelta(hours=1))
    key = Credentials(house.header(made))
    visitor = await gate.enter(key, "loom/cloth")
    await gate.enter(key, "loom/cloth")
    now = house.clock.now()
    with house.database.write() as connection:
        if change == "revoked":
            revoke_key(connection, made.key.id, now)
        elif change == "left":
            remove_member(connection, team, ada.id)
        elif change == "removed":
            remove_project(connection, visitor.project_id, now)
        else:
            house.clock.advance(3601)
    # PostgreSQL tells of a new generation after a moment; until then what is remembered may still be used
    for _ in range(200):
        try:
            await gate.enter(key, "loom/cloth")
        except (InvalidKey, NoSuchThing):
            return
        await asyncio.sleep(0.01)
    pytest.fail("it was let in for two seconds")


async def test_key_when_it_lets_somebody_in_then_it_is_told_each_time(
    database: Database, clock: HandClock, house: House
) -> None:
    used: list[str] = []
    gate = ProjectGate(database, SECRET, clock, used.append)
    try:
        key = with_key(house)
        first = await gate.enter(key, "loom/cloth")
        await gate.enter(key, "loom/cloth")
        with pytest.raises(NoSuchThing):
            await gate.enter(key, "loom/none")
        assert used == [first.key_id, first.key_id]
    finally:
        gate.close()
