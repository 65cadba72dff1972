"""`weft usage` on a real database."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from weft.app.storage import open_database
from weft.cli import build
from weft.identity.keys import NewKey, create_key
from weft.identity.people import NewUser, create_user
from weft.identity.teams import create_project, create_team
from weft.identity.types import ApiKey
from weft.kit.clock import to_us
from weft.kit.errors import WeftError
from weft.kit.money import NanoUsd
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.ledger.usage.store import insert_usage

NOW = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder in which two people used two models."""
    database = open_database(tmp_path)
    with database.write() as connection:
        team = create_team(connection, "weavers", NOW)
        looms = [create_project(connection, team, name, NOW) for name in ("loom", "shuttle")]
        keys: list[ApiKey] = []
        for name in ("ada", "bob"):
            user = create_user(connection, NewUser(name), NOW)
            new = NewKey(user, f"{name}s-key")
            keys.append(create_key(connection, new, secret=b"s" * 32, now=NOW).key)
        insert_usage(
            connection,
            [
                record(1, keys[0], team.id, looms[0].id, cost=1_500_000, days_ago=0),
                record(2, keys[0], team.id, looms[1].id, cost=2_000_000_000_000, days_ago=20),
                record(3, keys[1], team.id, looms[1].id, cost=0, outcome=Outcome.REFUSED),
            ],
        )
    database.close()
    return tmp_path


def record(
    number: int,
    key: ApiKey,
    team_id: str,
    project_id: str,
    *,
    cost: int,
    days_ago: int = 0,
    outcome: Outcome = Outcome.COMPLETED,
) -> UsageRecord:
    model = "org/large-model" if days_ago else "weft/tiny-chat"
    return UsageRecord(
        id=f"req_{number}",
        started_at_us=to_us(NOW - timedelta(days=days_ago)),
        user_id=key.user_id,
        team_id=team_id,
        project_id=project_id,
        key_id=key.id,
        model_id=model,
        served_model_id=model,
        engine="llama_cpp",
        status=200,
        outcome=outcome,
        error_code="",
        stream=False,
        tokens=Tokens(1_000_000, 10_000, 2_000, 300),
        usage_source=UsageSource.ENGINE,
        price_version="",
        cost_nusd=NanoUsd(cost),
        queue_us=0,
        ttft_us=1,
        total_us=2,
        posted_at_us=to_us(NOW - timedelta(days=days_ago)),
    )


def usage(folder: Path, *words: str) -> str:
    command = ["usage", "--data", str(folder), *words]
    result = CliRunner().invoke(build(command), command)
    if isinstance(result.exception, WeftError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def groups(folder: Path, *words: str) -> list[str]:
    return [row["name"] for row in json.loads(usage(folder, "--json", *words))["rows"]]


def test_usage_when_shown_by_model_then_a_table_with_a_total(folder: Path) -> None:
    lines = usage(folder, "--by", "model").splitlines()
    assert lines[0].split() == [
        *("model", "requests", "errors", "input", "cached", "output", "reasoning", "cost", "USD")
    ]
    assert [line.split() for line in lines[2:4]] == [
        ["org/large-model", "1", "0", "1,000,000", "10,000", "2,000", "300", "2,000.0000"],
        ["weft/tiny-chat", "2", "1", "2,000,000", "20,000", "4,000", "600", "0.0015"],
    ]
    assert lines[-1].split()[0] == "total"
    assert lines[-1].split()[-1] == "2,000.0015"
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("user", ["ada", "bob"]),
        ("team", ["weavers"]),
        ("project", ["weavers/shuttle", "weavers/loom"]),
    ],
)
def test_usage_when_grouped_then_groups_have_names(
    folder: Path, by: str, names: Sequence[str]
) -> None:
    assert groups(folder, "--by", by) == names


def test_usage_when_grouped_by_key_then_a_key_is_recognised_and_not_shown(folder: Path) -> None:
    names = groups(folder, "--by", "key")
    assert [name.split()[0] for name in names] == ["adas-key", "bobs-key"]
    assert all("…" in name for name in names)


def test_usage_when_by_two_groups_then_each_line_names_both(folder: Path) -> None:
    lines = usage(folder, "--by", "month,user", "--since", "7d").splitlines()
    assert lines[0].split()[:3] == ["month", "user", "requests"]
    months = {(line.split()[0], line.split()[1]) for line in lines[2:-2]}
    assert months == {(f"{NOW:%Y-%m}", "ada"), (f"{NOW:%Y-%m}", "bob")}
    rows = list(csv.DictReader(io.StringIO(usage(folder, "--by", "user,model", "--csv"))))
    assert [(row["name"], row["name2"]) for row in rows] == [
        ("ada", "org/large-model"),
        ("ada", "weft/tiny-chat"),
        ("bob", "weft/tiny-chat"),
    ]


def test_usage_when_top_is_given_then_the_rest_is_one_line(folder: Path) -> None:
    assert groups(folder, "--by", "user", "--top", "1") == ["ada", "(others)"]
    assert json.loads(usage(folder, "--json", "--top", "1"))["total"]["requests"] == 3


def test_usage_when_by_hour_then_hours_of_utc(folder: Path) -> None:
    assert groups(folder, "--by", "hour", "--since", "2d") == [f"{NOW:%Y-%m-%dT%H:00Z}"]


@pytest.mark.parametrize("by", ["week", "", "day,", "day,model,user", "day,day", "day,month"])
def test_usage_when_grouped_by_nonsense_then_it_says_by_what(folder: Path, by: str) -> None:
    with pytest.raises(WeftError, match=r"nothing to (group by|tell)"):
        usage(folder, "--by", by)


def test_usage_when_by_day_then_days_are_in_order(folder: Path) -> None:
    assert groups(folder) == [
        (NOW - timedelta(days=20)).date().isoformat(),
        NOW.date().isoformat(),
    ]


@pytest.mark.parametrize(
    ("words", "requests"),
    [
        (["--since", "7d"], 2),
        (["--until", "7d"], 1),
        (["--model", "weft/tiny-chat"], 2),
        (["--team", "weavers"], 3),
        (["--project", "weavers/shuttle"], 2),
        (["--key", "adas-key"], 2),
        (["--user", "bob"], 1),
        (["--user", "ada", "--project", "weavers/shuttle", "--since", "7d"], 0),
    ],
)
def test_usage_when_filtered_then_only_those_requests_count(
    folder: Path, words: list[str], requests: int
) -> None:
    assert json.loads(usage(folder, "--json", *words))["total"]["requests"] == requests


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--user", "eve"], "eve"),
        (["--team", "nobody"], "nobody"),
        (["--project", "weavers"], "write team/project"),
        (["--project", "weavers/nothing"], "weavers/nothing"),
        (["--key", "lost"], "there is no key lost"),
        (["--since", "soon"], "write 7d"),
    ],
)
def test_usage_when_a_filter_names_nothing_then_it_says_so(
    folder: Path, words: list[str], complaint: str
) -> None:
    with pytest.raises(WeftError, match=complaint):
        usage(folder, *words)


def test_usage_when_there_is_nothing_then_it_says_so_in_every_form(folder: Path) -> None:
    words = ["--since", "2020-01-01", "--until", "2020-02-01"]
    assert usage(folder, *words) == (
        "No requests were metered since 2020-01-01 00:00 UTC until 2020-02-01 00:00 UTC.\n"
    )
    assert json.loads(usage(folder, "--json", *words))["rows"] == []
    assert len(usage(folder, "--csv", *words).splitlines()) == 1


def test_usage_when_csv_then_a_spreadsheet_reads_it(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(usage(folder, "--csv", "--by", "model"))))
    assert [row["name"] for row in rows] == ["org/large-model", "weft/tiny-chat"]
    assert rows[0]["cost_nusd"] == "2000000000000"
    assert rows[1]["input_tokens"] == "2000000"


def test_usage_when_json_then_money_is_a_string_of_nano_dollars(folder: Path) -> None:
    report = json.loads(usage(folder, "--json", "--by", "model", "--since", "2020-01-01"))
    assert report["by"] == "model"
    assert report["since"] == "2020-01-01T00:00:00Z"
    assert report["until"] is None
    assert report["total"]["cost_nusd"] == "2000001500000"
