"""`verify` on sound books, and on books in which one row was changed, removed, inserted or swapped."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from databases import new_sqlite
from ledger.proof.books import MODEL, NOVEMBER_US, fill, request, settle_all
from weft.kit.clock import from_us
from weft.kit.db import Database
from weft.kit.money import NanoUsd
from weft.ledger import schema
from weft.ledger.proof.keys import Signer
from weft.ledger.proof.verify import Verdict, verify

CHAINED = {
    schema.transaction: "seq",
    schema.entry: "seq position",
    schema.grant: "id",
    schema.price: "version",
    schema.usage: "id",
}
CACHED = {schema.balance: "account_id", schema.spend: "scope_id day"}
COLUMNS = [
    (table.name, column.name, key)
    for table, key in {**CHAINED, **CACHED}.items()
    for column in table.columns
]


@pytest.fixture
def books(database: Database, tmp_path: Path) -> Database:
    fill(database)
    Signer(database, tmp_path).key(from_us(NOVEMBER_US))
    return database


@pytest.fixture
def sqlite_books(tmp_path: Path) -> Iterator[Database]:
    """Only on SQLite, where tampering is many small edits."""
    database = new_sqlite(tmp_path / "weft.db")
    fill(database)
    yield database
    database.close()


def look(database: Database) -> Verdict:
    with database.read() as connection:
        return verify(connection)


def change(database: Database, statement: str, **values: Any) -> None:
    with database.write() as connection:
        connection.execute(text(statement), values)


def rows_of(database: Database, table: str) -> list[dict[str, Any]]:
    with database.read() as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]


def where(key: str) -> str:
    return " AND ".join(f"{name} = :key_{name}" for name in key.split())


def keys(key: str, row: dict[str, Any]) -> dict[str, Any]:
    return {f"key_{name}": row[name] for name in key.split()}


def place(key: str, row: dict[str, Any]) -> str:
    return " ".join(f"{name}={row[name]}" for name in key.split())


def test_verify_when_nothing_was_changed_then_it_is_sound(books: Database) -> None:
    verdict = look(books)
    assert verdict.findings == ()
    assert verdict.chain_is_sound
    assert verdict.transactions == verdict.head.seq == 22


def test_verify_when_the_books_are_empty_then_they_are_sound(database: Database) -> None:
    assert look(database).findings == ()


@pytest.mark.parametrize(("table", "column", "key"), COLUMNS)
def test_verify_when_any_column_of_any_row_is_changed_then_that_row_is_named(
    sqlite_books: Database, table: str, column: str, key: str
) -> None:
    rows = rows_of(sqlite_books, table)
    if table == "usage":
        rows = [row for row in rows if row["seq"]]
    assert rows
    for row in rows:
        old = row[column]
        new = old + 1_000_003 if isinstance(old, int) else f"{old or ''}x"
        if column == "stream":
            new = 1 - old
        elif column == "kind":
            new = "charge" if old != "charge" else "grant"
        update = f"UPDATE {table} SET {column} = :value WHERE {where(key)}"
        change(sqlite_books, update, value=new, **keys(key, row))
        first = look(sqlite_books).findings[0]
        changed = {**row, column: new}
        named = {place(key, row), place(key, changed)}
        assert (first.table, first.row in named) == (table, True), (row, first)
        change(sqlite_books, update, value=old, **keys(key, changed))
    assert look(sqlite_books).findings == ()


@pytest.mark.parametrize("table", CHAINED)
def test_verify_when_any_row_is_removed_then_that_row_is_named(
    sqlite_books: Database, table: Any
) -> None:
    key = CHAINED[table]
    for row in rows_of(sqlite_books, table.name):
        if table is schema.usage and not row["seq"]:
            continue
        change(sqlite_books, f"DELETE FROM {table.name} WHERE {where(key)}", **keys(key, row))
        first = look(sqlite_books).findings[0]
        assert (first.table, first.row) == (table.name, place(key, row)), (row, first)
        assert "missing" in first.what or "removed" in first.what
        with sqlite_books.write() as connection:
            connection.execute(table.insert().values(**row))
    assert look(sqlite_books).findings == ()


def test_verify_when_rows_are_inserted_then_they_are_named(books: Database) -> None:
    with books.read() as connection:
        seq = verify(connection).head.seq
    usage = {**rows_of(books, "usage")[0], "id": "req_forged"}
    grant = {**rows_of(books, "ledger_grant")[0], "id": "grant_forged", "source": "forged"}
    price = {**rows_of(books, "ledger_price")[0], "version": "forged@1"}
    last = rows_of(books, "ledger_transaction")[-1]
    forged = {**last, "seq": seq + 1, "idempotency_key": "forged"}
    for table, row, named in (
        (schema.usage, usage, "id=req_forged"),
        (schema.grant, grant, "id=grant_forged"),
        (schema.price, price, "version=forged@1"),
        (schema.transaction, forged, f"seq={seq + 1}"),
        (
            schema.entry,
            {"seq": 3, "position": 2, "account_id": "x", "amount_nusd": 1},
            "seq=3 position=2",
        ),
        (
            schema.entry,
            {"seq": seq + 9, "position": 0, "account_id": "x", "amount_nusd": 1},
            f"seq={seq + 9} position=0",
        ),
        (schema.transaction, {**forged, "seq": 0}, "seq=0"),
    ):
        with books.write() as connection:
            connection.execute(table.insert().values(**row))
        first = look(books).findings[0]
        assert (first.table, first.row) == (table.name, named)
        key = CHAINED[table]
        change(books, f"DELETE FROM {table.name} WHERE {where(key)}", **keys(key, row))
    assert look(books).findings == ()


def test_verify_when_two_transactions_are_swapped_then_the_first_is_named(books: Database) -> None:
    for old, new in ((7, -1), (9, 7), (-1, 9)):
        for table in ("ledger_transaction", "ledger_entry"):
            change(books, f"UPDATE {table} SET seq = :new WHERE seq = :old", old=old, new=new)
    first = look(books).findings[0]
    assert first.table == "ledger_transaction"
    assert first.row == "seq=7"


def test_verify_when_the_end_is_cut_off_then_the_first_missing_one_is_named(
    books: Database,
) -> None:
    for table in ("ledger_transaction", "ledger_entry"):
        change(books, f"DELETE FROM {table} WHERE seq > 20")
    first = look(books).findings[0]
    assert (first.table, first.row) == ("ledger_transaction", "seq=21")


@pytest.mark.parametrize("column", ["seq", "hash", "posted_at_us"])
def test_verify_when_the_head_was_changed_then_it_is_named(books: Database, column: str) -> None:
    value = {"seq": 400, "hash": "0" * 64, "posted_at_us": 5}[column]
    change(books, f"UPDATE ledger_head SET {column} = :value", value=value)
    first = look(books).findings[0]
    assert (first.table, first.row) == ("ledger_head", "id=1")


@pytest.mark.parametrize("column", ["id", "public_key"])
def test_verify_when_a_signing_key_was_changed_then_it_is_named(
    books: Database, column: str
) -> None:
    change(books, f"UPDATE ledger_signing_key SET {column} = 'AAAA'")
    assert look(books).findings[0].table == "ledger_signing_key"


def test_verify_when_there_are_many_batches_then_every_row_is_reached(
    books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.ledger.proof.chain.BATCH", 4)
    seen: list[tuple[int, int]] = []
    with books.read() as connection:
        assert verify(connection, lambda at, of: seen.append((at, of))).findings == ()
    assert seen == [(4, 22), (8, 22), (12, 22), (16, 22), (20, 22), (22, 22)]


def test_verify_when_a_charge_is_not_tokens_times_price_then_the_record_is_named(
    books: Database,
) -> None:
    dear = msgspec.structs.replace(request(70), cost_nusd=NanoUsd(request(70).cost_nusd + 1))
    cheap = msgspec.structs.replace(request(71), cost_nusd=NanoUsd(request(71).cost_nusd - 1))
    strange = msgspec.structs.replace(request(72), price_version=f"{MODEL}@2031-01-01")
    other = msgspec.structs.replace(request(73), served_model_id="org/other")
    free = msgspec.structs.replace(request(74), price_version="")
    settle_all(books, [dear, cheap, strange, other, free], NOVEMBER_US)
    found = look(books).findings
    assert [finding.row for finding in found] == [f"id=req_0000{n}" for n in range(70, 75)]
    assert found[0].what == (
        f"it cost {dear.cost_nusd}; its tokens by {dear.price_version} cost {dear.cost_nusd - 1}"
    )
    assert "not in the book when" in found[2].what
    assert "not of the model" in found[3].what
    assert "without a price" in found[4].what
