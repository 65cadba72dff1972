"""`weft backup` and `weft restore`: what was kept comes back, into either kind of database."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.data.conftest import Rows, rows_of
from cli.said import Weft
from weft.app.folder import DataFolder
from weft.app.storage import SECRET_NAME
from weft.identity.bootstrap import FirstStart


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_restore_when_into_an_empty_database_then_everything_is_back(
    request: pytest.FixtureRequest, weft: Weft, books: Rows, tmp_path: Path, kind: str
) -> None:
    made = weft("backup", str(tmp_path / "a.backup"))
    assert made.code == 0, made.err
    assert "checked" in made.out
    assert SECRET_NAME in made.out
    (tmp_path / "weft.db").unlink()
    place: Path | str = tmp_path / "weft.db"
    environ: dict[str, str] = {}
    if kind == "postgresql":
        place = str(request.getfixturevalue("postgres_url"))
        environ = {"WEFT_DATABASE_URL": place}
    restored = weft("restore", str(tmp_path / "a.backup"), env=environ)
    assert restored.code == 0, restored.err
    assert "every one was compared" in restored.out
    assert rows_of(place) == books
    assert not list(tmp_path.glob(".restore-*"))


def test_backup_when_of_postgresql_then_it_restores_to_sqlite(
    weft: Weft, books: Rows, tmp_path: Path, postgres_url: str
) -> None:
    assert weft("copy", "--to", postgres_url).code == 0
    environ = {"WEFT_DATABASE_URL": postgres_url}
    assert weft("backup", str(tmp_path / "a.backup"), env=environ).code == 0
    elsewhere = tmp_path / "elsewhere"
    said = subprocess.run(
        [sys.executable, "-m", "weft", "restore", str(tmp_path / "a.backup"), "--data", elsewhere],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={},
    )
    assert said.returncode == 0, said.stderr
    assert f"put the secret that belongs to it at {elsewhere / SECRET_NAME}" in said.stdout
    assert rows_of(elsewhere / "weft.db") == books


def test_restore_when_the_database_is_not_empty_then_only_with_force(
    weft: Weft, books: Rows, tmp_path: Path
) -> None:
    path = str(tmp_path / "a.backup")
    assert weft("backup", path).code == 0
    assert weft("user", "create", "zoe").code == 0
    refused = weft("restore", path)
    assert refused.code == 1
    assert "is not empty" in refused.err
    assert "--force" in refused.err
    assert rows_of(tmp_path / "weft.db") != books
    assert weft("restore", path, "--force").code == 0
    assert rows_of(tmp_path / "weft.db") == books


@pytest.mark.parametrize("beside", [False, True])
def test_restore_when_somebody_serves_then_it_is_refused(
    weft: Weft, started: FirstStart, tmp_path: Path, beside: bool
) -> None:
    path = str(tmp_path / "a.backup")
    with DataFolder(tmp_path, beside=beside):
        assert weft("backup", path).code == 0  # which may run beside it
        refused = weft("restore", path, "--force")
    assert refused.code == 1
    assert str(tmp_path) in refused.err


def test_backup_when_the_file_exists_then_only_with_force(
    weft: Weft, started: FirstStart, tmp_path: Path
) -> None:
    path = tmp_path / "a.backup"
    path.write_text("mine")
    refused = weft("backup", str(path))
    assert (refused.code, "--force" in refused.err) == (1, True)
    assert path.read_text() == "mine"
    assert weft("backup", str(path), "--force").code == 0
    assert path.read_bytes().startswith(b"SQLite format 3")


def test_restore_when_it_is_no_backup_then_nothing_is_made(weft: Weft, tmp_path: Path) -> None:
    (tmp_path / "a.backup").write_text("no database" * 100)
    said = weft("restore", str(tmp_path / "a.backup"))
    assert said.code == 1
    assert "is no backup of Weft" in said.err
    assert not (tmp_path / "weft.db").exists()
