"""`weft doctor` on the database: what it finds, and what to do about it."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from databases import PostgresServer
from weft.app.storage import MIGRATIONS, open_database
from weft.cli.checks import database
from weft.cli.checks.finding import Finding, Verdict
from weft.cli.doctor import examine
from weft.kit.db import Database
from weft.kit.settings import Settings

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL


def found(folder: Path, url: str = "") -> dict[str, Finding]:
    settings = Settings(data_dir=folder, database_url=SecretStr(url))
    return {finding.check: finding for finding in database.check_database(settings)}


def test_file_when_sound_then_ok(tmp_path: Path) -> None:
    assert found(tmp_path)["database"].verdict is OK
    assert not (tmp_path / "weft.db").exists()
    open_database(tmp_path).close()
    assert found(tmp_path)["database"].says == "sound and up to date"


def test_file_when_steps_are_missing_then_they_are_counted(tmp_path: Path) -> None:
    books = open_database(tmp_path)
    with books.write() as connection:
        connection.exec_driver_sql("DELETE FROM migration WHERE name LIKE 'identity.0001%'")
    books.close()
    assert found(tmp_path)["database"].says == "sound; 1 steps will bring it up to date"


def test_file_when_newer_or_damaged_then_fail(tmp_path: Path) -> None:
    books = open_database(tmp_path)
    with books.write() as connection:
        connection.exec_driver_sql("INSERT INTO migration VALUES ('ledger.9999_future')")
    books.close()
    assert "newer Weft" in found(tmp_path)["database"].says
    (tmp_path / "weft.db").write_text("this is no database, whatever its name may say" * 100)
    for ending in ("-wal", "-shm"):
        (tmp_path / f"weft.db{ending}").unlink(missing_ok=True)
    finding = found(tmp_path)["database"]
    assert (finding.verdict, "weft restore" in finding.mend) == (FAIL, True)


def test_server_when_it_can_be_used_then_version_steps_and_clock_are_told(
    tmp_path: Path, postgres_url: str
) -> None:
    findings = found(tmp_path, postgres_url)
    assert findings["database"].says.startswith("PostgreSQL ")
    assert f"{len(MIGRATIONS)} steps" in findings["database"].says
    assert findings["database clock"].verdict is OK
    open_database(tmp_path, SecretStr(postgres_url)).close()
    assert found(tmp_path, postgres_url)["database"].says.endswith(", up to date")


def test_server_when_it_is_away_then_fail_with_a_remedy_and_no_password(tmp_path: Path) -> None:
    [finding] = found(tmp_path, f"postgresql://ada:geheim@/weft?host={tmp_path}").values()
    assert finding.verdict is FAIL
    assert "cannot reach the database postgresql://ada:***@/weft" in finding.says
    assert "WEFT_DATABASE_URL" in finding.mend
    assert "geheim" not in f"{finding}"


def test_server_when_it_keeps_nothing_then_warn(
    postgres: PostgresServer, tmp_path: Path, postgres_url: str
) -> None:
    books = Database(f"{postgres_url}&options=-c%20synchronous_commit%3Doff")
    [_, durability, _] = database.check_server(books)
    assert durability.verdict is WARN
    assert durability.mend == "set fsync = on and synchronous_commit = on in postgresql.conf"
    books.close()
    sound = database.check_durable({"fsync": "on", "synchronous_commit": "on"})
    assert sound.verdict is OK


@pytest.mark.parametrize(
    ("ahead_s", "verdict", "says"),
    [
        (0.4, OK, "0.4 s from"),
        (-1.9, OK, "1.9 s from"),
        (2.1, WARN, "2.1 s ahead of"),
        (-9.0, WARN, "9.0 s behind"),
    ],
)
def test_clock_when_two_seconds_apart_then_warn(
    ahead_s: float, verdict: Verdict, says: str
) -> None:
    finding = database.check_skew(ahead_s)
    assert (finding.verdict, finding.says.startswith(says)) == (verdict, True)


def test_examine_when_on_postgresql_then_the_folder_need_not_suit_sqlite(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_DATABASE_URL", postgres_url)
    checks = {finding.check for finding in examine({"data_dir": tmp_path})}
    assert {"database", "durability", "database clock"} <= checks
    assert "file system" not in checks
