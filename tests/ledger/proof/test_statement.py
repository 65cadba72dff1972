"""Statements: complete, signed, and refused by the verifier once any byte differs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from databases import new_sqlite
from ledger.proof.books import DAY_US, NOVEMBER_US, TEAM, fill, request, settle_all
from weft.kit.clock import from_us
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.ledger.proof import offline
from weft.ledger.proof.keys import Signer, SigningKey, key_set, list_keys
from weft.ledger.proof.offline import Keys, NotGenuine, canonical, check_file, load_keys
from weft.ledger.proof.receipt import BooksDisagree
from weft.ledger.proof.statement import Statement, find_month

DECEMBER_US = NOVEMBER_US + 30 * DAY_US
NOW = from_us(DECEMBER_US + 2 * DAY_US)
Json = Any


@pytest.fixture
def books(database: Database) -> Database:
    fill(database)
    settle_all(database, [request(800_000)], DECEMBER_US)
    return database


@pytest.fixture
def sqlite_books(tmp_path: Path) -> Iterator[Database]:
    database = new_sqlite(tmp_path / "weft.db")
    fill(database)
    settle_all(database, [request(800_000)], DECEMBER_US)
    yield database
    database.close()


def signing_key(database: Database, folder: Path) -> SigningKey:
    return Signer(database, folder).key(NOW)


def keys_of(database: Database, folder: Path) -> Keys:
    with database.read() as connection:
        text_ = json.dumps(key_set(list_keys(connection)))
    path = folder / "keys.json"
    path.write_text(text_)
    return load_keys(str(path))


def write(
    database: Database, folder: Path, month: str = "2026-11", *, now_us: int = 0, team: str = TEAM
) -> Path:
    now = from_us(now_us) if now_us else NOW
    key = signing_key(database, folder)
    with database.read() as connection:
        statement = Statement(team, "weavers", find_month(connection, month, now))
        parts = [statement.begin(connection)]
        while more := statement.more(connection):
            parts.append(more)
        parts.append(statement.end(connection, key))
    path = folder / f"{team}-{month}.jsonl"
    path.write_bytes(b"".join(parts))
    return path


def lines_of(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_statement_when_untouched_then_genuine_and_the_sum_of_the_charges(
    books: Database, tmp_path: Path
) -> None:
    path = write(books, tmp_path)
    with books.read() as connection:
        charged = connection.execute(
            text(
                "SELECT SUM(cost_nusd) FROM usage WHERE team_id = :team AND posted_at_us < :until"
            ),
            {"team": TEAM, "until": DECEMBER_US},
        ).scalar_one()
    totals = lines_of(path)[-2]
    assert int(totals["charged_nusd"]) == charged
    assert sum(int(group["cost_nusd"]) for group in totals["by_key"]) == charged
    said = check_file(path, keys_of(books, tmp_path))
    assert said == f"genuine: weavers 2026-11, 12 charges, {offline.usd(int(charged))} USD"


def test_statement_when_a_month_follows_then_it_opens_as_the_other_closed(
    books: Database, tmp_path: Path
) -> None:
    november, december = (
        lines_of(write(books, tmp_path)),
        lines_of(write(books, tmp_path, "2026-12")),
    )
    assert december[0]["opening"] == november[-2]["closing"] != []
    assert november[0]["complete"] is True
    assert december[0]["complete"] is False
    assert december[-2]["charges"] == 1
    keys = keys_of(books, tmp_path)
    assert "1 charges" in check_file(tmp_path / f"{TEAM}-2026-12.jsonl", keys)
    assert "0 charges" in check_file(write(books, tmp_path, "2026-10"), keys)


def test_statement_when_a_month_is_over_then_the_same_bytes_for_ever(
    books: Database, tmp_path: Path
) -> None:
    first = write(books, tmp_path).read_bytes()
    settle_all(books, [request(800_001)], DECEMBER_US + DAY_US)
    assert write(books, tmp_path).read_bytes() == first


def test_statement_when_there_are_many_batches_then_the_same_bytes(
    books: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write(books, tmp_path).read_bytes()
    monkeypatch.setattr("weft.ledger.proof.chain.BATCH", 3)
    assert write(books, tmp_path).read_bytes() == whole


def test_statement_when_any_byte_is_flipped_then_refused(
    sqlite_books: Database, tmp_path: Path
) -> None:
    path = write(sqlite_books, tmp_path)
    keys = keys_of(sqlite_books, tmp_path)
    good = path.read_bytes()
    tail = good.rindex(b'{"key_id"')
    for at in [*range(0, tail, 41), *range(tail, len(good))]:
        for bit in (1, 0x20):
            bad = bytearray(good)
            bad[at] ^= bit
            path.write_bytes(bad)
            with pytest.raises(NotGenuine):
                check_any(path, keys)
    path.write_bytes(good)
    check_file(path, keys)


def check_any(path: Path, keys: Keys) -> None:
    """As the command does: a form that cannot be read is not genuine either."""
    try:
        check_file(path, keys)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotGenuine(str(error)) from error


def forge(path: Path, key: SigningKey, change: Json) -> None:
    """Change the lines of a statement and sign it anew, as somebody with the private key can."""
    lines = lines_of(path)[:-1]
    change(lines)
    body = b"".join(canonical(line) + b"\n" for line in lines)
    signed = {
        "type": "signature",
        "key_id": key.id,
        "lines": len(lines),
        "sha256": offline.sha256(body),
    }
    signed["signature"] = key.sign(canonical(signed))
    path.write_bytes(body + canonical(signed) + b"\n")


def charges(lines: list[Json]) -> list[Json]:
    return [line for line in lines if line.get("kind") == "charge"]


def nothing_else(lines: list[Json]) -> None:
    assert lines


def drop_a_charge(lines: list[Json]) -> None:
    lines.remove(charges(lines)[2])


def dearer(lines: list[Json]) -> None:
    price = next(line for line in lines if line["type"] == "price")
    price["row"][3] += 1_000_000


def more_tokens(lines: list[Json]) -> None:
    charges(lines)[1]["row"][13] += 1


def other_amount(lines: list[Json]) -> None:
    entries = charges(lines)[1]["entries"]
    entries[0][1] -= 1
    entries[-1][1] += 1


def swapped(lines: list[Json]) -> None:
    at = lines.index(charges(lines)[0])
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


def other_totals(lines: list[Json]) -> None:
    lines[-1]["charged_nusd"] = str(int(lines[-1]["charged_nusd"]) + 1)


def other_group(lines: list[Json]) -> None:
    lines[-1]["by_model"][0]["input_tokens"] += 1


def other_opening(lines: list[Json]) -> None:
    lines[0]["opening"] = [{"account": "grant_x", "balance_nusd": "5"}]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (drop_a_charge, "does not|left out|do not give"),
        (dearer, "its tokens cost"),
        (more_tokens, "not what was posted"),
        (other_amount, "its hash does not follow"),
        (swapped, "out of order|no price"),
        (other_totals, "charged: it says"),
        (other_group, "by_model is not"),
        (other_opening, "opening balances"),
    ],
)
def test_statement_when_signed_anew_with_other_figures_then_it_does_not_add_up(
    sqlite_books: Database, tmp_path: Path, change: Json, why: str
) -> None:
    path = write(sqlite_books, tmp_path)
    forge(path, signing_key(sqlite_books, tmp_path), change)
    with pytest.raises(NotGenuine, match=why):
        check_file(path, keys_of(sqlite_books, tmp_path))


def test_statement_when_signed_with_another_key_then_refused(
    sqlite_books: Database, tmp_path: Path
) -> None:
    path = write(sqlite_books, tmp_path)
    keys = keys_of(sqlite_books, tmp_path)
    other = tmp_path / "other"
    forge(path, signing_key(sqlite_books, other), nothing_else)
    with pytest.raises(NotGenuine, match="signed with another key"):
        check_file(path, keys)


def test_statement_when_the_key_was_rotated_then_old_ones_are_still_checked(
    sqlite_books: Database, tmp_path: Path
) -> None:
    path = write(sqlite_books, tmp_path)
    old = path.read_bytes()
    Signer(sqlite_books, tmp_path).rotate(NOW)
    new = write(sqlite_books, tmp_path).read_bytes()
    assert old != new
    keys = keys_of(sqlite_books, tmp_path)
    assert len(keys) == 2
    for each in (old, new):
        path.write_bytes(each)
        check_file(path, keys)


def test_statement_when_the_books_were_changed_then_nothing_is_signed(
    books: Database, tmp_path: Path
) -> None:
    with books.write() as connection:
        connection.execute(text("UPDATE usage SET output_tokens = 1 WHERE id = 'req_000002'"))
    with pytest.raises(BooksDisagree, match=r"transaction \d+ is not as it was posted"):
        write(books, tmp_path)


@pytest.mark.parametrize("month", ["2026-13", "november", "2027-01", "2026-11-01"])
def test_month_when_it_is_none_or_has_not_begun_then_refused(
    sqlite_books: Database, month: str
) -> None:
    with sqlite_books.read() as connection, pytest.raises(InvalidRequest):
        find_month(connection, month, NOW)


def test_month_when_it_just_ended_and_nothing_followed_then_it_may_still_grow(
    sqlite_books: Database,
) -> None:
    with sqlite_books.read() as connection:
        just = find_month(connection, "2026-12", from_us(DECEMBER_US + 31 * DAY_US))
        later = find_month(connection, "2026-12", from_us(DECEMBER_US + 32 * DAY_US))
    assert (just.complete, later.complete) == (False, True)
