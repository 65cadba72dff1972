from pathlib import Path

import pytest

from cli.said import Weft
from weft.app.storage import open_database, server_secret
from weft.identity.bootstrap import FirstStart
from weft.identity.headers import InvalidProject
from weft.identity.invitations.store import use_invitation
from weft.identity.people import NewUser, create_user
from weft.identity.principal import Gate
from weft.identity.types import Role
from weft.kit.clock import SystemClock
from weft.kit.settings import Settings

pytestmark = pytest.mark.usefixtures("started")


def test_team_when_made_then_is_listed_with_its_members(weft: Weft) -> None:
    lonely = weft("team", "create", "red")
    assert "weft team add red USER" in lonely.out
    made = weft("team", "create", "blue", "--admin", "admin", "--json").json
    assert made["members"] == [{"username": "admin", "role": "admin"}]
    assert made["projects"] == []
    weft("user", "create", "ada")
    assert weft("team", "add", "red", "ada", "--role", "viewer").out == "ada is viewer in red.\n"
    teams = weft("team", "ls", "--json").json
    assert [team["name"] for team in teams] == ["blue", "my-team", "red"]
    said = weft("team", "list").out
    assert "ada (viewer)" in said
    assert max(map(len, said.splitlines())) <= 100


async def test_team_when_default_then_requests_that_name_none_use_it(
    weft: Weft, gate: Gate, started: FirstStart
) -> None:
    header = b"Bearer " + started.api_key.encode()
    weft("team", "create", "red")
    weft("team", "add", "red", "admin")
    assert (await gate.authorize(header, b"")).team == "my-team"
    weft("team", "add", "red", "admin", "--role", "admin", "--default")
    assert (await gate.authorize(header, b"")).team == "red"


async def test_member_when_removed_then_the_running_server_refuses_them_there(
    weft: Weft, gate: Gate
) -> None:
    weft("user", "create", "ada", "--team", "my-team")
    made = weft("key", "create", "--user", "ada", "--json").json
    header = b"Bearer " + made["api_key"].encode()
    await gate.authorize(header, b"my-team/inference")
    said = weft("team", "remove", "my-team", "ada", "--json")
    assert said.json["members"] == [{"username": "admin", "role": "admin"}]
    with pytest.raises(InvalidProject):
        await gate.authorize(header, b"my-team/inference")
    again = weft("team", "remove", "my-team", "ada")
    assert (again.code, again.out) == (1, "")


def test_team_when_removed_then_needs_a_yes_and_is_gone(weft: Weft) -> None:
    asked = weft("team", "rm", "my-team")
    assert asked.code == 1
    assert "Nothing was changed" in asked.err
    assert "--yes" in asked.err
    assert len(weft("team", "ls", "--json").json) == 1
    assert weft("team", "rm", "my-team", "--yes").out == "Removed the team my-team.\n"
    assert weft("team", "ls", "--json").json == []
    assert weft("team", "ls").out == "There are no teams yet: weft team create NAME\n"
    assert weft("project", "ls", "--json").json == []


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("create", "my-team"), "the name my-team is taken"),
        (("create", "Admin"), "the name Admin is taken"),
        (("create", "traces"), "cannot be a team name"),
        (("create", "a b"), "is not a team name"),
        (("create", "red", "--admin", "nobody"), "there is no user nobody"),
        (("add", "nowhere", "admin"), "there is no team nowhere"),
        (("add", "my-team", "nobody"), "there is no user nobody"),
        (("add", "admin", "admin"), "personal entity"),
        (("remove", "admin", "admin"), "personal entity"),
        (("rm", "admin", "--yes"), "personal entity"),
        (("rm", "nowhere", "--yes"), "there is no team nowhere"),
    ],
)
def test_team_when_a_command_cannot_be_done_then_says_so_and_changes_nothing(
    weft: Weft, words: tuple[str, ...], what: str
) -> None:
    said = weft("team", *words)
    assert said.code == 1
    assert what in said.err
    assert said.out == ""
    assert [team["name"] for team in weft("team", "ls", "--json").json] == ["my-team"]


def test_invitation_when_made_then_its_link_lets_one_person_in(weft: Weft, tmp_path: Path) -> None:
    words = ("team", "invite", "my-team", "--role", "viewer", "--days", "3", "--json")
    said = weft(*words, env={"WEFT_PUBLIC_URL": "https://weft.example.com"})
    base, _, token = said.json["url"].rpartition("/invite/")
    assert base == "https://weft.example.com"
    database = open_database(tmp_path)
    secret, now = server_secret(Settings(data_dir=tmp_path)), SystemClock().now()
    with database.write() as connection:
        user = create_user(connection, NewUser("guest"), now)
        used = use_invitation(connection, token, user.id, secret=secret, now=now)
        assert (used.team.name, used.role, used.invited_by) == ("my-team", Role.VIEWER, None)
    database.close()
    assert {"username": "guest", "role": "viewer"} in weft("team", "ls", "--json").json[0][
        "members"
    ]
    assert "Works once" in weft("team", "invite", "my-team").out
    assert weft("team", "invite", "my-team", "--days", "31").code != 0
    assert "personal entity" in weft("team", "invite", "admin").err
