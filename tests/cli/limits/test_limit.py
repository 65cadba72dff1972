import json

import pytest

from cli.said import Weft

PROJECT = "my-team/inference"


def set_project(weft: Weft, *words: str) -> str:
    said = weft("limit", "set", "project", PROJECT, *words)
    assert said.code == 0, said.err
    return said.out


@pytest.mark.usefixtures("started")
def test_set_when_several_flags_then_each_is_a_limit(weft: Weft) -> None:
    said = set_project(
        weft,
        *("--spend", "5/day", "--spend", "$99.5/month", "--concurrency", "8"),
        *("--requests", "60", "--tokens", "100000", "--reason", "pilot"),
    )
    assert said.splitlines() == [
        "Set: concurrency of project my-team/inference, 8",
        "Set: requests of project my-team/inference, 60/minute",
        "Set: tokens of project my-team/inference, 100,000/minute",
        "Set: spend of project my-team/inference, $5/day",
        "Set: spend of project my-team/inference, $99.5/month",
    ]
    listed = weft("limit", "ls", "--json").json
    assert {(one["kind"], one["period"], one["max"], one["reason"]) for one in listed} == {
        ("concurrency", None, 8, "pilot"),
        ("requests", "minute", 60, "pilot"),
        ("tokens", "minute", 100_000, "pilot"),
        ("spend", "day", "5000000000", "pilot"),
        ("spend", "month", "99500000000", "pilot"),
    }
    assert all(one["set_by"].endswith(" (command line)") for one in listed)


@pytest.mark.usefixtures("started")
def test_set_when_a_model_is_named_then_only_it_is_limited(weft: Weft) -> None:
    set_project(weft, "--concurrency", "2", "--model", "weft/tiny-chat")
    (listed,) = weft("limit", "ls", "--json").json
    assert (listed["scope"], listed["model"]) == ("project_model", "weft/tiny-chat")
    assert "project my-team/inference with weft/" in weft("limit", "ls").out


@pytest.mark.usefixtures("started")
def test_set_when_subjects_are_named_by_id_or_name_then_both_work(weft: Weft) -> None:
    set_project(weft, "--concurrency", "2")
    (listed,) = weft("limit", "ls", "--json").json
    weft("limit", "set", "project", listed["scope_id"], "--concurrency", "3")
    (listed,) = weft("limit", "ls", "--json").json
    assert listed["max"] == 3
    key = weft("key", "create", "--json").json
    weft("limit", "set", "key", key["id"], "--requests", "1")
    weft("limit", "set", "user", "admin", "--requests", "2")
    weft("limit", "set", "team", "my-team", "--spend", "1/year")
    assert len(weft("limit", "ls", "--json").json) == 4
    assert len(weft("limit", "ls", "--team", "my-team", "--json").json) == 2


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("project", PROJECT), "say what to limit"),
        (("project", PROJECT, "--spend", "5"), "write dollars and a window"),
        (("project", PROJECT, "--spend", "5/minute"), "write dollars and a window"),
        (("project", "inference", "--requests", "5"), "write team/project"),
        (("project", "my-team/none", "--requests", "5"), "there is no project"),
        (("team", "my-team", "--requests", "5"), "limited by key, user or project"),
        (("team", "admin", "--spend", "5/day"), "is a personal entity"),
        (("key", "lost", "--requests", "5"), "there is no active key"),
        (("user", "lost", "--requests", "5"), "lost"),
        (("project", PROJECT, "--spend", "5/day", "--model", "weft/tiny-chat"), "limited by"),
    ],
)
def test_set_when_it_cannot_be_then_says_what_to_write(
    weft: Weft, words: tuple[str, ...], told: str
) -> None:
    said = weft("limit", "set", *words)
    assert said.code == 1
    assert told in said.err
    assert weft("limit", "ls", "--json").json == []


@pytest.mark.usefixtures("started")
def test_rm_when_done_then_only_the_history_knows_it(weft: Weft) -> None:
    set_project(weft, "--concurrency", "2", "--reason", "pilot")
    (listed,) = weft("limit", "ls", "--json").json
    assert listed["id"][-8:] in weft("limit", "ls").out
    assert weft("limit", "rm", listed["id"][-4:]).code == 1
    said = weft("limit", "rm", listed["id"][-8:], "--reason", "over")
    assert said.out == "Ended: concurrency of project my-team/inference, 2\n"
    assert "No limits are set" in weft("limit", "ls").out
    (ended,) = weft("limit", "ls", "--history", "--json").json
    assert (ended["end_reason"], ended["ended_at"] is None) == ("over", False)
    assert "ended (UTC)" in weft("limit", "ls", "--history").out
    assert weft("limit", "rm", listed["id"]).code == 1


@pytest.mark.usefixtures("started")
def test_show_when_nothing_is_limited_then_says_so(weft: Weft) -> None:
    assert weft("limit", "show", "my-team").out == (
        "Plan Internal; credit left $0, then overage; owed $0.\nNothing is limited.\n"
    )


@pytest.mark.usefixtures("started")
def test_show_when_there_is_a_plan_then_lists_what_applies(weft: Weft) -> None:
    weft("plan", "set", "my-team", "free", "--reason", "trial")
    set_project(weft, "--spend", "5/day")
    key = weft("key", "create", "--json").json
    weft("limit", "set", "key", key["id"], "--requests", "1")
    words = ("limit", "show", PROJECT, "--user", "admin", "--key", key["id"])
    told = weft(*words, "--json").json
    assert [(one["kind"], one["scope"], one["max"]) for one in told["limits"]] == [
        ("concurrency", "user", 2000),
        ("concurrency", "project", 6000),
        ("requests", "key", 1),
        ("requests", "user", 600),
        ("tokens", "user", 2_000_000),
        ("spend", "project", "5000000000"),
        ("spend", "team", "100000000000"),
    ]
    assert told["credit"]["left_nusd"] == "5000000000"
    shown = weft(*words).out
    assert shown.startswith("Plan Free; credit left $5, then requests are refused; owed $0.")
    assert "plan free" in shown
    assert json.loads(weft("limit", "show", "my-team", "--json").out)["plan"] == "free"
