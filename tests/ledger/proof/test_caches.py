"""The caches are rebuilt from the chain, and to what they were."""

from sqlalchemy import text

from ledger.proof.books import fill
from ledger.proof.test_verify import look, rows_of
from weft.kit.db import Database
from weft.ledger.proof.caches import rebuild_caches


def test_rebuild_when_caches_are_wrong_then_they_are_as_before(database: Database) -> None:
    fill(database)
    tables = ("ledger_balance", "ledger_spend")
    before = [sorted(map(str, rows_of(database, table))) for table in tables]
    with database.write() as connection:
        connection.execute(text("UPDATE ledger_balance SET balance_nusd = balance_nusd + 7"))
        connection.execute(text("DELETE FROM ledger_spend WHERE scope_id LIKE 'key%'"))
        connection.execute(text("INSERT INTO ledger_balance VALUES ('zzz/owed', 'zzz', 1)"))
    verdict = look(database)
    assert verdict.chain_is_sound
    assert {finding.table for finding in verdict.findings} == set(tables)
    assert any("it is the sum of nothing" in finding.what for finding in verdict.findings)
    with database.write() as connection:
        rebuild_caches(connection)
    assert look(database).findings == ()
    assert [sorted(map(str, rows_of(database, table))) for table in tables] == before


def test_rebuild_when_roll_ups_are_wrong_then_it_is_told_and_mended(database: Database) -> None:
    fill(database)
    with database.write() as connection:
        connection.execute(text("UPDATE usage_sum SET cost_nusd = cost_nusd + 1"))
    assert [finding.table for finding in look(database).findings] == ["usage_sum"]
    with database.write() as connection:
        rebuild_caches(connection)
    assert look(database).findings == ()
