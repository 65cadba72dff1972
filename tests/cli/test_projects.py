import pytest

from cli.said import Weft
from weft.identity.bootstrap import FirstStart
from weft.identity.headers import InvalidProject
from weft.identity.principal import Gate

pytestmark = pytest.mark.usefixtures("started")


async def test_project_when_made_then_the_running_server_takes_it_until_it_is_removed(
    weft: Weft, gate: Gate, started: FirstStart
) -> None:
    header = b"Bearer " + started.api_key.encode()
    with pytest.raises(InvalidProject):
        await gate.authorize(header, b"my-team/one")
    made = weft("project", "create", "my-team/one")
    assert "OpenAI-Project: my-team/one" in made.out
    assert (await gate.authorize(header, b"my-team/one")).project == "one"
    removed = weft("project", "rm", "my-team/one", "--yes", "--json")
    assert (removed.json["team"], removed.json["name"]) == ("my-team", "one")
    with pytest.raises(InvalidProject):
        await gate.authorize(header, b"my-team/one")


def test_projects_when_listed_then_are_sorted_and_fit_the_line(weft: Weft) -> None:
    weft("team", "create", "red")
    made = weft("project", "create", "red/" + "x" * 128, "--json").json
    assert made["name"] == "x" * 128
    listed = weft("project", "ls", "--json").json
    assert [(one["team"], one["name"][:9]) for one in listed] == [
        ("my-team", "inference"),
        ("red", "x" * 9),
    ]
    assert weft("project", "list", "--team", "red", "--json").json == [made]
    assert max(map(len, weft("project", "ls").out.splitlines())) <= 100


def test_projects_when_there_are_none_then_says_how_to_make_one(weft: Weft) -> None:
    weft("team", "create", "red")
    said = weft("project", "ls", "--team", "red")
    assert said.out == "There are no projects yet: weft project create red/NAME\n"
    assert weft("project", "ls", "--team", "red", "--json").json == []


def test_project_when_removed_without_a_yes_then_stays(weft: Weft) -> None:
    said = weft("project", "rm", "my-team/inference")
    assert said.code == 1
    assert "Nothing was changed" in said.err
    assert len(weft("project", "ls", "--json").json) == 1
    assert weft("project", "rm", "my-team/inference", "-y").out == "Removed my-team/inference.\n"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("create", "one"), "write team/project"),
        (("create", "nowhere/one"), "there is no team nowhere"),
        (("create", "my-team/INFERENCE"), "has a project"),
        (("create", "my-team/a b"), "is not a project name"),
        (("rm", "my-team/none", "--yes"), "there is no project my-team/none"),
        (("ls", "--team", "nowhere"), "there is no team nowhere"),
    ],
)
def test_project_when_a_command_cannot_be_done_then_says_so(
    weft: Weft, words: tuple[str, ...], what: str
) -> None:
    said = weft("project", *words)
    assert said.code == 1
    assert what in said.err
    assert said.out == ""
    assert len(weft("project", "ls", "--json").json) == 1


def test_project_when_its_trace_level_is_set_then_is_shown_until_unset(weft: Weft) -> None:
    assert "leave nothing" in weft("project", "trace", "my-team/inference").out
    said = weft("project", "trace", "my-team/inference", "metadata")
    assert "no prompt and no answer" in said.out
    assert weft("project", "trace", "my-team/inference", "--json").json["trace"] == "metadata"
    assert weft("project", "trace", "my-team/inference", "unset", "--json").json["trace"] is None
    assert weft("project", "trace", "my-team/inference", "some").code == 2
