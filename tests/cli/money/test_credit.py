"""`weft credit`, as an administrator uses it."""

from pathlib import Path

import pytest

from cli.said import Weft
from weft.app.storage import open_database
from weft.identity.bootstrap import FirstStart
from weft.ledger.accounts import REVENUE, TransactionKind, owed
from weft.ledger.posting import Head


@pytest.fixture
def team(started: FirstStart) -> str:
    return started.team


def owe(folder: Path, weft: Weft, team: str, nusd: int) -> None:
    """Charge a team's overage."""
    (team_id,) = [each["id"] for each in weft("team", "ls", "--json").json if each["name"] == team]
    database = open_database(folder)
    with database.write() as connection:
        head = Head(connection, 1)
        entries = [(owed(team_id), -nusd), (REVENUE, nusd)]
        head.append(TransactionKind.CHARGE, "req_1", team_id, entries, content_hash="x")
        head.save()
    database.close()


def test_grant_when_given_then_it_is_listed_with_its_end(weft: Weft, team: str) -> None:
    said = weft("credit", "grant", team, "12.5", "--expires", "2096-12-31", "--note", "welcome")
    assert said.out == f"{team} has 12.5 USD of promotional credit until 2096-12-31 00:00 UTC.\n"
    weft("credit", "grant", team, "30", "--kind", "purchased", "--source", "invoice 7")
    lines = weft("credit", "ls", team).out.splitlines()
    assert lines[0] == f"{team} has 42.5 USD of credit, and owes 0 USD."
    assert [line.split()[:3] for line in lines[4:]] == [
        ["promotional", "12.5", "12.5"],
        ["purchased", "30", "30"],
    ]
    told = weft("credit", "ls", team, "--json").json
    assert told["credit_nusd"] == "42500000000"
    assert told["grants"][0]["note"] == "welcome"
    assert told["grants"][0]["expires_at"] == "2096-12-31T00:00:00Z"
    assert told["grants"][1]["made_by"].endswith("(command line)")


def test_grant_when_the_source_is_known_then_nothing_is_given_twice(weft: Weft, team: str) -> None:
    for _ in range(2):
        said = weft("credit", "grant", team, "5", "--source", "stripe:1", "--json")
        assert said.json["amount_nusd"] == "5000000000"
    assert weft("credit", "ls", team, "--json").json["credit_nusd"] == "5000000000"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nobody", "5"], "there is no team nobody"),
        (["TEAM", "five"], "'five' is not a dollar amount"),
        (["TEAM", "0"], "0 USD is no amount to post"),
        (["TEAM", "5", "--expires", "2020-01-01"], "would have expired already"),
        (["TEAM", "5", "--expires", "soon"], "'soon' is no expiry"),
    ],
)
def test_grant_when_something_is_wrong_then_one_line_says_what(
    weft: Weft, team: str, words: list[str], complaint: str
) -> None:
    said = weft("credit", "grant", *(team if word == "TEAM" else word for word in words))
    assert said.code == 1
    assert complaint in said.err


def test_pay_when_something_is_owed_then_it_goes_off(weft: Weft, team: str, tmp_path: Path) -> None:
    owe(tmp_path, weft, team, 10**10)
    assert weft("credit", "pay", team, "4", "--note", "October").out == f"{team} paid 4 USD.\n"
    assert "owes 1 USD less" in weft("credit", "adjust", team, "1", "--note", "an outage").out
    assert (
        "owes 2 USD more" in weft("credit", "adjust", team, "2", "--more", "--note", "a slip").out
    )
    assert weft("credit", "ls", team).out == f"{team} has 0 USD of credit, and owes 7 USD.\n"
    refused = weft("credit", "pay", team, "8")
    assert refused.code == 1
    assert "8 USD is more than the 7 USD that the team owes" in refused.err


def test_refund_when_charged_then_given_back_once(weft: Weft, team: str, tmp_path: Path) -> None:
    owe(tmp_path, weft, team, 10**9)
    weft("credit", "pay", team, "0.25")
    back = "Gave back 0.25 USD of req_1 as credit.\n"
    for _ in range(2):
        assert weft("credit", "refund", "req_1", "--reason", "a broken answer").out == back
    assert weft("credit", "ls", team).out.startswith(f"{team} has 0.25 USD of credit, and owes 0")
    assert weft("credit", "refund", "req_2", "--reason", "none").code == 1
    told = weft("audit", "ls", "--action", "credit.refund", "--team", team, "--json").json
    assert {(one["subject"], one["detail"]["reason"]) for one in told} == {
        ("req_1", "a broken answer")
    }
