"""`weft migrate`: it says what is missing, and does it."""

from pathlib import Path

import pytest

from cli.said import Weft
from weft.app.storage import MIGRATIONS, open_database

NAMES = [migration.name for migration in MIGRATIONS]


@pytest.fixture(params=["sqlite", "postgresql"])
def environ(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "sqlite":
        return {}
    return {"WEFT_DATABASE_URL": str(request.getfixturevalue("postgres_url"))}


def test_migrate_when_new_then_every_step_is_applied_once(
    weft: Weft, environ: dict[str, str]
) -> None:
    missing = weft("migrate", "--check", env=environ)
    assert (missing.code, missing.out.split()[-len(NAMES) :]) == (1, NAMES)
    applied = weft("migrate", env=environ)
    assert (applied.code, applied.out.split()[-len(NAMES) :]) == (0, NAMES)
    for words in (("migrate",), ("migrate", "--check")):
        again = weft(*words, env=environ)
        assert (again.code, again.err) == (0, "")
        assert again.out.endswith("is up to date.\n")


def test_check_when_there_is_no_database_then_none_is_made(weft: Weft, tmp_path: Path) -> None:
    assert weft("migrate", "--check").code == 1
    assert list(tmp_path.iterdir()) == []


def test_migrate_when_the_database_is_newer_then_it_is_left_alone(
    weft: Weft, tmp_path: Path
) -> None:
    database = open_database(tmp_path)
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO migration VALUES ('ledger.9999_future')")
    database.close()
    for words in (("migrate",), ("migrate", "--check")):
        said = weft(*words)
        assert said.code == 1
        assert "newer Weft (step ledger.9999_future)" in said.err


def test_migrate_when_the_server_is_away_then_one_line_and_a_remedy(
    weft: Weft, tmp_path: Path
) -> None:
    said = weft("migrate", env={"WEFT_DATABASE_URL": f"postgresql://ada:geheim@/x?host={tmp_path}"})
    assert said.code == 1
    assert "cannot reach the database postgresql://ada:***@/x" in said.err
    assert "start PostgreSQL" in said.err
    assert "geheim" not in said.err
