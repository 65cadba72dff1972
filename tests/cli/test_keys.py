from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.said import Said, Weft
from weft.identity.bootstrap import FirstStart
from weft.identity.headers import InvalidKey, InvalidProject
from weft.identity.login.callers import ScopeMissing
from weft.identity.principal import Gate
from weft.identity.secrets import is_key
from weft.kit.errors import WeftError


def header(said: Said) -> bytes:
    return b"Bearer " + said.json["api_key"].encode()


async def test_key_when_made_while_the_server_runs_then_works_at_once(
    weft: Weft, gate: Gate
) -> None:
    made = weft("key", "create", "--name", "laptop", "--json")
    assert made.code == 0
    assert is_key(made.json["api_key"].encode())
    told = {name: made.json[name] for name in ("name", "user", "team", "project", "expires_at")}
    assert told == {
        "name": "laptop",
        "user": "admin",
        "team": None,
        "project": None,
        "expires_at": None,
    }
    assert sorted(made.json["scopes"]) == ["inference", "traces"]
    principal = await gate.authorize(header(made), b"")
    assert (principal.username, principal.team) == ("admin", "my-team")


async def test_key_when_restricted_then_the_server_holds_it_to_that(weft: Weft, gate: Gate) -> None:
    weft("project", "create", "my-team/one")
    day = f"{datetime.now(UTC).year + 1}-01-31"
    words = ("--model", "a/b", "--model", "c", "--expires", day, "--json")
    made = weft("key", "create", "--project", "my-team/one", "--scope", "inference", *words)
    assert made.json["models"] == ["a/b", "c"]
    assert made.json["expires_at"] == f"{day}T00:00:00Z"
    assert made.json["scopes"] == ["inference"]
    principal = await gate.authorize(header(made), b"")
    assert (principal.project, principal.allowed_models) == ("one", {"a/b", "c"})
    with pytest.raises(InvalidProject):
        await gate.authorize(header(made), b"my-team/inference")
    other = weft("key", "create", "--scope", "traces", "--json")
    with pytest.raises(ScopeMissing):
        await gate.authorize(header(other), b"")


async def test_key_when_revoked_then_the_running_server_refuses_it(weft: Weft, gate: Gate) -> None:
    made = weft("key", "create", "--name", "laptop", "--json")
    await gate.authorize(header(made), b"")
    assert gate.find(header(made), b"") is not None
    revoked = weft("key", "revoke", "laptop", "--json")
    assert revoked.json["id"] == made.json["id"]
    assert revoked.json["revoked_at"] is not None
    assert gate.find(header(made), b"") is None
    with pytest.raises(InvalidKey) as caught:
        await gate.authorize(header(made), b"")
    assert caught.value.metadata["reason"] == "revoked_key"


@pytest.mark.parametrize("by", ["id", "name", "prefix", "shown"])
def test_revoke_when_named_in_any_way_then_finds_the_key(
    weft: Weft, started: FirstStart, by: str
) -> None:
    made = weft("key", "create", "--name", "laptop", "--json").json
    names = made | {"shown": f"{made['prefix']}…{made['last_four']}"}
    said = weft("key", "revoke", names[by])
    assert said.code == 0
    assert f"Revoked {names['shown']} (laptop) of admin." in said.out
    assert weft("key", "revoke", "laptop").code == 1
    del started


def test_revoke_when_the_name_is_not_one_keys_then_revokes_none(
    weft: Weft, started: FirstStart
) -> None:
    for _ in range(2):
        weft("key", "create", "--name", "twin")
    for name, what in (("twin", "2 keys answer"), ("none", "no active key")):
        said = weft("key", "revoke", name)
        assert said.code == 1
        assert what in said.err
        assert "weft key ls --json" in said.err
    assert [key["revoked_at"] for key in weft("key", "ls", "--json").json] == [None] * 3
    del started


def test_key_when_made_for_people_then_is_shown_once_with_a_hint(
    weft: Weft, started: FirstStart
) -> None:
    said = weft("key", "create", "--expires", "30d")
    api_key = said.out.splitlines()[0]
    assert is_key(api_key.encode())
    assert "not shown again" in said.out
    assert "my-team" not in said.out
    for words in (("key", "ls"), ("key", "ls", "--json"), ("key", "ls", "--all")):
        listed = weft(*words)
        assert api_key not in listed.out
        assert api_key[-4:] in listed.out
    del started


def test_keys_when_listed_then_fit_the_line_and_hide_what_is_over(
    weft: Weft, started: FirstStart
) -> None:
    long = "a-name-that-nobody-would-want-to-see-in-full-because-it-takes-the-whole-line"
    weft("user", "create", "somebody-with-a-very-long-user-name", "--team", "my-team")
    weft("project", "create", "my-team/a-project-with-a-very-long-name-as-well")
    weft(
        *("key", "create", "--name", long, "--user", "somebody-with-a-very-long-user-name"),
        *("--project", "my-team/a-project-with-a-very-long-name-as-well", "--expires", "1h"),
    )
    weft("key", "create", "--name", "old", "--user", "admin")
    weft("key", "revoke", "old")
    said = weft("key", "ls")
    assert max(map(len, said.out.splitlines())) <= 100
    assert "old" not in said.out
    everything = weft("key", "ls", "--all")
    assert "revoked" in everything.out
    assert max(map(len, everything.out.splitlines())) <= 100
    mine = weft("key", "ls", "--user", "admin", "--json").json
    assert [key["name"] for key in mine] == ["first start"]
    assert weft("key", "list", "--json").json == weft("key", "ls", "--json").json
    del started


def test_keys_when_there_are_none_then_says_how_to_make_one(
    weft: Weft, started: FirstStart
) -> None:
    weft("key", "revoke", "first start")
    said = weft("key", "ls")
    assert said.code == 0
    assert "There are no keys (1 revoked or expired: --all): weft key create" in said.out
    assert weft("key", "ls", "--json").json == []
    del started


async def test_service_account_when_new_then_is_made_in_its_team(weft: Weft, gate: Gate) -> None:
    alone = weft("key", "create", "--service", "ci")
    assert alone.code == 1
    assert "Name a --team" in alone.err
    made = weft("key", "create", "--service", "ci", "--team", "my-team", "--json")
    assert made.json["user"] == "ci"
    principal = await gate.authorize(header(made), b"")
    assert (principal.username, principal.team) == ("ci", "my-team")
    again = weft("key", "create", "--service", "ci", "--json")
    assert again.json["user"] == "ci"
    assert [user["kind"] for user in weft("user", "ls", "--json").json] == ["person", "service"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--user", "nobody"), "there is no user nobody"),
        (("--team", "nowhere"), "there is no team nowhere"),
        (("--project", "my-team/none"), "there is no project my-team/none"),
        (("--project", "one"), "write team/project"),
        (("--service", "admin"), "admin is a person"),
        (("--service", "ci", "--user", "admin"), "one owner"),
        (("--user", "ada", "--team", "my-team"), "ada is no member of my-team"),
        ((), "--user NAME"),
        (("--user", "admin", "--expires", "soon"), "no expiry"),
        (("--user", "admin", "--expires", "2020-01-01"), "expired already"),
        (("--user", "admin", "--scope", "manage", "--team", "my-team"), "cannot be restricted"),
        (("--user", "admin", "--name", "x" * 129), "up to 128 printable characters"),
    ],
)
def test_key_when_it_cannot_be_made_then_says_so_in_one_line(
    weft: Weft, started: FirstStart, words: tuple[str, ...], what: str
) -> None:
    weft("user", "create", "ada")
    said = weft("key", "create", *words)
    assert said.code == 1
    assert what in said.err
    assert said.err.startswith("weft: ")
    assert "Traceback" not in said.err
    assert said.out == ""
    assert len(weft("key", "ls", "--all", "--json").json) == 1
    del started


def test_command_when_the_scope_is_no_scope_then_exits_with_2(
    weft: Weft, started: FirstStart
) -> None:
    assert weft("key", "create", "--scope", "root").code == 2
    del started


def test_key_when_there_is_no_data_then_says_to_serve_first(weft: Weft, tmp_path: Path) -> None:
    for words in (("create",), ("ls",), ("revoke", "x")):
        said = weft("key", *words)
        assert said.code == 1
        assert "weft serve" in said.err
    assert list(tmp_path.iterdir()) == []


def test_key_when_the_secret_was_lost_then_none_is_made(
    weft: Weft, started: FirstStart, tmp_path: Path
) -> None:
    (tmp_path / "secret.key").write_bytes(b"x" * 32)
    said = weft("key", "create")
    assert said.code == 1
    assert "secret" in said.err
    assert len(weft("key", "ls", "--json").json) == 1
    del started


async def test_last_used_when_the_server_wrote_it_then_is_listed(
    weft: Weft, gate: Gate, started: FirstStart
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert weft("key", "ls", "--json").json[0]["last_used_at"] is None
    await gate.authorize(b"Bearer " + started.api_key.encode(), b"")
    await gate.flush_last_used()
    used = datetime.fromisoformat(weft("key", "ls", "--json").json[0]["last_used_at"])
    assert before <= used <= datetime.now(UTC)


async def test_user_when_disabled_then_the_running_server_refuses_their_keys(
    weft: Weft, gate: Gate
) -> None:
    weft("user", "create", "ada", "--team", "my-team")
    made = weft("key", "create", "--user", "ada", "--json")
    await gate.authorize(header(made), b"")
    weft("user", "disable", "ada")
    with pytest.raises(WeftError):
        await gate.authorize(header(made), b"")
    weft("user", "enable", "ada")
    assert (await gate.authorize(header(made), b"")).username == "ada"
