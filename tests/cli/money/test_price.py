"""`weft price` on a real database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.said import Weft
from weft.app.storage import open_database
from weft.catalog.load import load_catalog
from weft.ledger.prices.book import record_prices

CARD = """id = "openai/gpt-oss-20b"
[[prices]]
effective_on = 2027-01-01
input_usd_per_mtok = "{}"
output_usd_per_mtok = "0.16"
source = "finance"
"""


@pytest.fixture(autouse=True)
def book(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    record_prices(database, load_catalog().cards, datetime(2026, 11, 1, tzinfo=UTC))
    database.close()


def test_ls_when_a_model_is_named_then_its_prices_oldest_first(weft: Weft) -> None:
    said = weft("price", "ls", "openai/gpt-oss-20b")
    lines = said.out.splitlines()
    assert lines[0].split() == ["price", "input", "cached", "output", "source", "stood", "by"]
    assert [line.split()[:4] for line in lines[2:]] == [
        ["openai/gpt-oss-20b@2025-08-05", "0.05", "0.05", "0.2"],
        ["openai/gpt-oss-20b@2026-09-03", "0.03", "0.03", "0.13"],
    ]
    assert max(map(len, lines)) <= 100


def test_ls_when_json_then_money_is_text(weft: Weft) -> None:
    line = weft("price", "ls", "weft/tiny-chat", "--json").json[0]
    assert line["input_nusd_per_mtok"] == "10000000"
    assert line["recorded_at"] == "2026-11-01T00:00:00Z"


def test_ls_when_there_is_none_then_it_says_so(weft: Weft) -> None:
    assert weft("price", "ls", "no/such").out == "There is no price in the book for no/such yet.\n"


def test_check_when_a_file_would_pass_then_what_would_be_new(weft: Weft, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text(CARD.format("0.04"))
    said = weft("price", "check", str(file))
    assert said.code == 0
    assert "openai/gpt-oss-20b@2027-01-01" in said.out
    assert weft("price", "check", str(file), "--json").json[0]["source"] == "finance"


def test_check_when_it_would_not_start_then_the_same_line_as_the_start(
    weft: Weft, tmp_path: Path
) -> None:
    file = tmp_path / "new.toml"
    file.write_text(CARD.format("4"))
    said = weft("price", "check", str(file))
    assert said.code == 1
    assert "new.toml:4: input at 4 is" in said.err


def test_check_when_nothing_is_new_then_it_says_so(weft: Weft, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text('id = "openai/gpt-oss-20b"\nlabel = "Mine"\n')
    assert "all its prices are in the book already" in weft("price", "check", str(file)).out
