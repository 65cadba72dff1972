"""Who may run models, on whose behalf: every rule of the gate, and that nothing leaks."""

import base64
from datetime import timedelta

import pytest

from identity.house import House, MakeGate
from weft.identity.headers import InvalidKey, InvalidProject, MissingKey
from weft.identity.login.callers import ScopeMissing
from weft.identity.people import disable_user, set_default_team
from weft.identity.principal import (
    Gate,
    ModelNotAllowed,
    PersonalEntity,
    RoleTooLow,
    may_use_model,
)
from weft.identity.teams import list_projects, remove_project, remove_team
from weft.identity.types import Role, Scope, Team, UserKind
from weft.kit.db import Database
from weft.kit.errors import NotAuthenticated, WeftError


def projects(database: Database, team: Team) -> list[str]:
    with database.read() as connection:
        return [project.name for project in list_projects(connection, team.id)]


async def refusal(gate: Gate, authorization: bytes, project: bytes) -> WeftError:
    with pytest.raises(WeftError) as caught:
        await gate.authorize(authorization, project)
    assert gate.find(authorization, project) is None
    return caught.value


async def test_authorize_when_all_is_well_then_says_who_for_whom(house: House, gate: Gate) -> None:
    red = house.team("red", "one")
    made = house.key(house.user("ada", red))
    principal = await gate.authorize(house.header(made), b"red/one")
    assert (principal.username, principal.team, principal.project) == ("ada", "red", "one")
    assert principal.key_id == made.key.id
    assert principal.role is Role.MEMBER
    assert principal.team_id == red.id


async def test_authorize_when_the_scheme_is_that_of_weave_then_is_the_same(
    house: House, gate: Gate
) -> None:
    made = house.key(house.user("ada", house.team("red", "one")))
    basic = b"Basic " + base64.b64encode(b"api:" + made.api_key.encode())
    assert await gate.authorize(basic, b"red/one") == await gate.authorize(
        house.header(made), b"red/one"
    )


async def test_authorize_when_no_project_is_named_then_the_default_one_is_made_once(
    house: House, gate: Gate
) -> None:
    red = house.team("red")
    made = house.key(house.user("ada", red))
    first = await gate.authorize(house.header(made), b"")
    assert (first.team, first.project) == ("red", "inference")
    assert await gate.authorize(house.header(made), b"") == first
    assert await gate.authorize(house.header(made), b"red/inference") == first
    assert projects(house.database, red) == ["inference"]


async def test_authorize_when_the_default_team_is_chosen_then_it_is_used(
    house: House, gate: Gate
) -> None:
    red, blue = house.team("red"), house.team("blue")
    ada = house.user("ada", red, blue)
    with house.database.write() as connection:
        set_default_team(connection, ada.id, blue.id)
    principal = await gate.authorize(house.header(house.key(ada)), b"")
    assert principal.team == "blue"
    assert projects(house.database, red) == []


async def test_authorize_when_a_project_is_required_then_none_is_refused(
    house: House, make_gate: MakeGate
) -> None:
    red = house.team("red", "one")
    header = house.header(house.key(house.user("ada", red)))
    gate = make_gate(require_project=True)
    error = await refusal(gate, header, b"")
    assert isinstance(error, InvalidProject)
    assert "needs a team and a project" in error.message
    assert projects(house.database, red) == ["one"]
    assert (await gate.authorize(header, b"red/one")).project == "one"


async def test_authorize_when_no_key_is_sent_then_says_missing(gate: Gate) -> None:
    error = await refusal(gate, b"", b"")
    assert isinstance(error, MissingKey)
    assert error.message == "Missing bearer authentication in header"


async def test_authorize_when_the_key_is_no_good_then_says_why_only_to_its_holder(
    house: House, gate: Gate
) -> None:
    red = house.team("red", "one")
    ada = house.user("ada", red)
    expiring = house.key(ada, expires_at=house.clock.now() + timedelta(seconds=10))
    unknown = b"Bearer weft_" + b"a" * 35
    gone = house.key(house.user("eve", red))
    with house.database.write() as connection:
        disable_user(connection, gone.key.user_id, house.clock.now())
    house.clock.advance(10)
    for header, reason in (
        (b"Bearer nonsense", "malformed_key"),
        (unknown, "unknown_key"),
        (house.header(expiring), "expired_key"),
        (house.header(gone), "disabled_user"),
    ):
        error = await refusal(gate, header, b"red/one")
        assert isinstance(error, InvalidKey)
        assert (error.status, error.message) == (401, "Invalid Authentication")
        assert error.code == "invalid_api_key"
        assert error.metadata["reason"] == reason
        assert error.metadata["remedy"]
        assert header.split(b" ")[1] not in error.envelope()


async def test_authorize_when_the_place_is_not_the_callers_then_existence_does_not_leak(
    house: House, gate: Gate
) -> None:
    red, blue = house.team("red", "one"), house.team("blue", "one")
    ada = house.user("ada", red)
    house.user("bob", blue)
    header = house.header(house.key(ada))
    places = (b"blue/one", b"blue/none", b"none/one", b"red/none", b"bob/x", b"RED/one", b"red")
    bodies = {(await refusal(gate, header, place)).envelope() for place in places}
    assert len(bodies) == 1
    (body,) = bodies
    assert b'"code":"invalid_project"' in body
    assert b'"message":"Invalid Authentication"' in body
    assert b"weft project create team/project" in body
    assert projects(house.database, red) == ["one"]


async def test_authorize_when_team_or_project_was_removed_then_is_as_if_it_never_was(
    house: House, gate: Gate
) -> None:
    red, blue = house.team("red"), house.team("blue", "one")
    one = house.project(red, "one")
    header = house.header(house.key(house.user("ada", red, blue)))
    await gate.authorize(header, b"red/one")
    await gate.authorize(header, b"blue/one")
    with house.database.write() as connection:
        remove_project(connection, one.id, house.clock.now())
        remove_team(connection, blue.id, house.clock.now())
    house.catch_up(gate)
    assert isinstance(await refusal(gate, header, b"red/one"), InvalidProject)
    assert isinstance(await refusal(gate, header, b"blue/one"), InvalidProject)


@pytest.mark.parametrize("place", [b"", b"ada/anything"])
async def test_authorize_when_the_entity_is_personal_then_is_the_hosted_429(
    house: House, gate: Gate, place: bytes
) -> None:
    error = await refusal(gate, house.header(house.key(house.user("ada"))), place)
    assert isinstance(error, PersonalEntity)
    assert error.status == 429
    assert error.message == (
        "W&B Inference isn't available for personal accounts. "
        "Please switch to a non-personal account to access W&B Inference."
    )
    assert error.code == "personal_entity_unsupported"
    assert (b"x-should-retry", b"false") in error.headers()
    assert "weft team create" in str(error.metadata["remedy"])


async def test_authorize_when_a_service_account_has_no_team_then_is_refused(
    house: House, gate: Gate
) -> None:
    bot = house.user("bot", kind=UserKind.SERVICE)
    assert isinstance(await refusal(gate, house.header(house.key(bot)), b""), InvalidProject)
    house.user("bot", house.team("red"))
    assert (await gate.authorize(house.header(house.key(bot)), b"")).team == "red"


async def test_authorize_when_the_scope_is_missing_then_403(house: House, gate: Gate) -> None:
    ada = house.user("ada", house.team("red", "one"))
    made = house.key(ada, scopes=frozenset({Scope.TRACES}))
    error = await refusal(gate, house.header(made), b"red/one")
    assert isinstance(error, ScopeMissing)
    assert error.status == 403


async def test_authorize_when_the_caller_only_views_then_403_and_nothing_is_made(
    house: House, gate: Gate
) -> None:
    red = house.team("red")
    header = house.header(house.key(house.user("ada", red, role=Role.VIEWER)))
    error = await refusal(gate, header, b"")
    assert isinstance(error, RoleTooLow)
    assert error.status == 403
    assert projects(house.database, red) == []


async def test_authorize_when_the_key_is_a_teams_then_works_there_only(
    house: House, gate: Gate
) -> None:
    red, blue = house.team("red", "one"), house.team("blue", "one")
    header = house.header(house.key(house.user("ada", red, blue), team=blue))
    assert (await gate.authorize(header, b"blue/one")).team == "blue"
    assert (await gate.authorize(header, b"")).team == "blue"
    assert isinstance(await refusal(gate, header, b"red/one"), InvalidProject)


async def test_authorize_when_the_key_is_a_projects_then_works_there_only(
    house: House, gate: Gate
) -> None:
    red = house.team("red", "two")
    one = house.project(red, "one")
    header = house.header(house.key(house.user("ada", red), team=red, project=one))
    assert (await gate.authorize(header, b"red/one")).project == "one"
    assert (await gate.authorize(header, b"")).project == "one"
    for place in (b"red/two", b"red/none", b"red/inference"):
        assert isinstance(await refusal(gate, header, place), InvalidProject)
    with house.database.write() as connection:
        remove_project(connection, one.id, house.clock.now())
    house.catch_up(gate)
    assert isinstance(await refusal(gate, header, b""), InvalidProject)
    assert projects(house.database, red) == ["two"]


async def test_authorize_when_the_keys_user_left_the_team_then_is_refused(
    house: House, gate: Gate
) -> None:
    red, blue = house.team("red", "one"), house.team("blue")
    made = house.key(house.user("ada", blue), team=red)
    for place in (b"", b"red/one"):
        assert isinstance(await refusal(gate, house.header(made), place), InvalidProject)


async def test_may_use_model_when_the_key_is_restricted_then_names_what_it_may(
    house: House, gate: Gate
) -> None:
    ada = house.user("ada", house.team("red", "one"))
    free = await gate.authorize(house.header(house.key(ada)), b"red/one")
    may_use_model(free, "anything")
    models = frozenset({"a/one", "b/two"})
    bound = await gate.authorize(house.header(house.key(ada, models=models)), b"red/one")
    may_use_model(bound, "b/two")
    with pytest.raises(ModelNotAllowed) as caught:
        may_use_model(bound, "B/two")
    assert caught.value.status == 403
    assert caught.value.code == "model_not_allowed"
    assert caught.value.message == "This key may only use a/one, b/two"
    many = await gate.authorize(
        house.header(house.key(ada, models=frozenset(f"m{n:02}" for n in range(15)))), b"red/one"
    )
    with pytest.raises(ModelNotAllowed, match="m09 and 5 more"):
        may_use_model(many, "x")


async def test_identify_when_the_key_is_good_then_says_whose_it_is(
    house: House, gate: Gate
) -> None:
    ada = house.user("ada")
    made = house.key(ada)
    caller = await gate.identify(house.header(made))
    assert (caller.user, caller.key) == (ada, made.key)
    caller.needs(Scope.TRACES)
    with pytest.raises(ScopeMissing):
        caller.needs(Scope.MANAGE)
    with pytest.raises(NotAuthenticated):
        await gate.identify(b"")


async def test_identify_session_when_it_is_made_up_then_401(gate: Gate) -> None:
    with pytest.raises(NotAuthenticated, match="Not logged in"):
        await gate.identify_session("made-up")
