from datetime import timedelta

import pytest

from identity.house import HandClock, House
from weft.identity.names import InvalidName, NameTaken, NoSuchThing
from weft.identity.people import set_default_team
from weft.identity.teams import (
    create_project,
    create_team,
    default_team,
    find_project,
    find_project_by_id,
    find_role,
    find_team,
    find_team_by_id,
    get_project,
    get_team,
    list_members,
    list_projects,
    list_teams,
    remove_member,
    remove_project,
    remove_team,
    set_member,
)
from weft.identity.types import Role, UserKind


@pytest.mark.parametrize("taken", ["red", "RED", "ada", "Ada"])
def test_team_when_the_name_is_taken_then_is_refused(house: House, taken: str) -> None:
    house.team("red")
    house.user("ada")
    with pytest.raises(NameTaken) as caught, house.database.write() as connection:
        create_team(connection, taken, house.clock.now())
    assert caught.value.status == 409


def test_team_when_removed_then_projects_and_members_go_and_the_name_is_free(
    house: House, clock: HandClock
) -> None:
    red = house.team("red", "one")
    ada = house.user("ada", red)
    with house.database.write() as connection:
        project = get_project(connection, "red", "one")
        remove_team(connection, red.id, clock.now())
        assert find_team(connection, "red") is None
        assert find_team_by_id(connection, red.id) is None
        assert find_project_by_id(connection, project.id) is None
        assert find_role(connection, red.id, ada.id) is None
        again = create_team(connection, "red", clock.now())
        assert again.id != red.id
        assert list_projects(connection, again.id) == []
        assert list_members(connection, again.id) == []


def test_personal_entity_when_removed_or_shared_then_stays_as_it_was(
    house: House, clock: HandClock
) -> None:
    ada, bob = house.user("ada"), house.user("bob")
    with house.database.write() as connection:
        entity = get_team(connection, "ada")
        remove_team(connection, entity.id, clock.now())
        assert find_team(connection, "ada") == entity
    with house.database.write() as connection, pytest.raises(InvalidName):
        set_member(connection, entity, bob.id, role=Role.MEMBER, now=clock.now())
    with house.database.write() as connection, pytest.raises(InvalidName):
        remove_member(connection, entity, ada.id)


def test_member_when_set_twice_then_the_role_changes(house: House) -> None:
    red = house.team("red")
    ada = house.user("ada", red)
    house.user("ada", red, role=Role.ADMIN)
    with house.database.read() as connection:
        (member,) = list_members(connection, red.id)
        assert (member.username, member.team, member.role) == ("ada", "red", Role.ADMIN)
        assert find_role(connection, red.id, ada.id) is Role.ADMIN


def test_member_when_removed_then_is_gone_and_again_is_not_found(house: House) -> None:
    red = house.team("red")
    ada = house.user("ada", red)
    with house.database.write() as connection:
        remove_member(connection, red, ada.id)
        assert list_members(connection, red.id) == []
        with pytest.raises(NoSuchThing):
            remove_member(connection, red, ada.id)


def test_default_team_when_not_chosen_then_is_the_first_that_may_run_models(
    house: House, clock: HandClock
) -> None:
    blue, red, green = house.team("blue"), house.team("red"), house.team("green")
    house.user("ada", blue, role=Role.VIEWER)
    clock.moment += timedelta(seconds=1)
    house.user("ada", red)
    clock.moment += timedelta(seconds=1)
    ada = house.user("ada", green)
    with house.database.write() as connection:
        assert default_team(connection, ada.id) == red
        set_default_team(connection, ada.id, green.id)
        assert default_team(connection, ada.id) == green
        remove_member(connection, green, ada.id)
        assert default_team(connection, ada.id) == red
        remove_member(connection, red, ada.id)
        assert default_team(connection, ada.id) == blue
        remove_member(connection, blue, ada.id)
        assert default_team(connection, ada.id) == get_team(connection, "ada")


def test_default_team_when_a_service_account_has_none_then_is_none(house: House) -> None:
    bot = house.user("bot", kind=UserKind.SERVICE)
    with house.database.read() as connection:
        assert default_team(connection, bot.id) is None


def test_project_when_two_teams_use_one_name_then_both_exist(house: House) -> None:
    red, blue = house.team("red", "one"), house.team("blue", "one")
    with house.database.read() as connection:
        of_red = find_project(connection, red.id, "one")
        of_blue = find_project(connection, blue.id, "one")
        assert of_red is not None
        assert of_blue is not None
        assert of_red.id != of_blue.id
        assert [project.team for project in list_projects(connection)] == ["blue", "red"]
        assert list_projects(connection, red.id) == [of_red]


def test_project_when_the_name_is_taken_or_odd_then_is_refused(
    house: House, clock: HandClock
) -> None:
    red = house.team("red", "one")
    for name, refusal in (("ONE", NameTaken), ("a/b", InvalidName), ("", InvalidName)):
        with pytest.raises(refusal), house.database.write() as connection:
            create_project(connection, red, name, clock.now())


def test_project_when_removed_then_is_not_found_and_the_name_is_free(
    house: House, clock: HandClock
) -> None:
    red = house.team("red", "one")
    with house.database.write() as connection:
        project = get_project(connection, "red", "one")
        remove_project(connection, project.id, clock.now())
        with pytest.raises(NoSuchThing):
            get_project(connection, "red", "one")
        create_project(connection, red, "one", clock.now())
        assert get_project(connection, "red", "one").id != project.id


def test_names_when_looked_up_then_case_counts(house: House) -> None:
    house.team("red", "one")
    with house.database.read() as connection:
        assert find_team(connection, "RED") is None
        with pytest.raises(NoSuchThing):
            get_project(connection, "red", "ONE")
        assert [team.name for team in list_teams(connection)] == ["red"]
