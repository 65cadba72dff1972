from pathlib import Path

import pytest

from cli.said import Weft


def edited(weft: Weft, *words: str) -> dict[str, object]:
    said = weft("plan", "edit", "pro", *words, "--reason", "inflation", "--json")
    assert said.code == 0, said.err
    return said.json


@pytest.mark.usefixtures("started")
def test_ls_when_asked_then_shows_plans_and_teams(weft: Weft) -> None:
    weft("plan", "set", "my-team", "pro", "--reason", "signed")
    lines = weft("plan", "ls").out.splitlines()
    titles = "plan credit a month then cap in flight weight teams"
    assert lines[0].split() == titles.split()
    (pro,) = [line.split() for line in lines if line.startswith("pro")]
    assert (pro[1], pro[2], pro[3], pro[-1]) == ("$20", "overage", "$6000/month", "1")
    assert lines[-1] == "Teams that were given no plan have internal."
    assert [one["name"] for one in weft("plan", "ls", "--json").json] == [
        "free",
        "pro",
        "academic",
        "enterprise",
        "internal",
    ]


@pytest.mark.usefixtures("started")
def test_ls_when_the_data_folder_has_plans_then_they_are_there(weft: Weft, tmp_path: Path) -> None:
    (tmp_path / "plans.toml").write_text('[lab]\nwhen_credit_ends = "overage"\n')
    assert "lab" in weft("plan", "ls").out
    assert "described in plans.toml:1" in weft("plan", "show", "lab").out
    (tmp_path / "plans.toml").write_text("[lab]\n")
    assert "plans.toml:1: [lab] needs when_credit_ends" in weft("plan", "ls").err


@pytest.mark.usefixtures("started")
def test_set_when_given_then_history_keeps_the_reason(weft: Weft) -> None:
    said = weft("plan", "set", "my-team", "pro", "--reason", "signed")
    assert said.out == "my-team has the plan Pro.\n"
    shown = weft("plan", "show", "--team", "my-team").out
    assert shown.startswith("Pro (pro)\n")
    assert "pro, by " in shown
    assert ": signed" in shown
    assert weft("plan", "set", "my-team", "free", "--reason", "x", "--json").json["name"] == "free"
    told = weft("plan", "show", "--team", "my-team", "--json").json
    assert [one["plan"] for one in told["team"]] == ["free", "pro"]


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("set", "my-team", "pro"), "needs a reason"),
        (("set", "my-team", "pros", "--reason", "x"), "did you mean `pro`"),
        (("set", "none", "pro", "--reason", "x"), "there is no team none"),
        (("show",), "name a plan, or a team"),
        (("show", "pro", "--team", "my-team"), "name a plan, or a team"),
        (("edit", "pro", "--reason", "x"), "say what to change"),
        (("edit", "pro", "--cap", "5"), "needs a reason"),
        (("edit", "pro", "--cap", "5/week", "--reason", "x"), "cap_period"),
        (("edit", "pro", "--cap", "lots", "--reason", "x"), "cap_usd"),
        (("edit", "pro", "--concurrency", "user", "--reason", "x"), "write user=100"),
        (("edit", "pro", "--concurrency", "usr=1", "--reason", "x"), "did you mean `user`"),
    ],
)
def test_command_when_it_cannot_be_then_says_what_to_write(
    weft: Weft, words: tuple[str, ...], told: str
) -> None:
    said = weft("plan", *words)
    assert said.code == 1
    assert told in said.err


@pytest.mark.usefixtures("started")
def test_edit_when_done_twice_then_both_changes_hold_until_a_reset(weft: Weft) -> None:
    first = edited(weft, "--cap", "$8000/year", "--included", "25", "--label", "Pro+")
    assert (first["cap_nusd"], first["cap_period"]) == ("8000000000000", "year")
    second = edited(
        weft,
        *("--concurrency", "user=100", "--concurrency", "project=none"),
        *("--requests", "key=5", "--tokens", "user=7", "--weight", "2"),
        *("--credit-end", "refuse"),
    )
    assert second["label"] == "Pro+"
    assert second["concurrency"] == {"user": 100}
    assert (second["requests_per_minute"], second["tokens_per_minute"]) == (
        {"key": 5},
        {"user": 7},
    )
    assert (second["weight"], second["when_credit_ends"], second["changed"]) == (2, "refuse", True)
    assert "pro (changed)" in weft("plan", "ls").out
    shown = weft("plan", "show", "pro").out
    assert "Changed at run time (UTC):" in shown
    assert shown.count("inflation") == 2
    assert edited(weft, "--cap", "none", "--reset")["cap_nusd"] is None
    back = edited(weft, "--reset")
    assert (back["label"], back["cap_nusd"], back["changed"]) == ("Pro", "6000000000000", False)


@pytest.mark.usefixtures("started")
def test_edit_when_done_then_shows_the_plan(weft: Weft) -> None:
    out = weft("plan", "edit", "free", "--cap", "7/day", "--reason", "x").out
    assert out.splitlines() == [
        "Free (free)",
        "  credit a month  $5",
        "  then            requests are refused",
        "  cap             $7/day",
        "  in flight       user 2,000, project 6,000",
        "  requests/min    user 600",
        "  tokens/min      user 2,000,000",
        "  weight          1",
    ]
