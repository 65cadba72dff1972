"""Traces in backups and copies: they come back, into either kind of database, or are left out."""

import contextlib
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from cli.data.conftest import Rows
from cli.said import Weft
from traces.calls_admin.setting import call, write
from weft.app.traces.database import TRACES_NAME, open_trace_database
from weft.kit.settings import Settings
from weft.traces.schema import CALL

IDS = {"a", "b"}


@pytest.fixture
def traced(books: Rows, tmp_path: Path) -> Path:
    """The data folder, with traces in a file of their own."""
    assert books
    with contextlib.closing(open_trace_database(Settings(data_dir=tmp_path))) as database:
        write(database, "proj_cloth", [call(id_, usage={"llama": (1, 2)}) for id_ in IDS])
    return tmp_path


def kept(folder: Path, url: str = "") -> set[str]:
    settings = Settings(data_dir=folder, database_url=SecretStr(url))
    with (
        contextlib.closing(open_trace_database(settings)) as database,
        database.read() as connection,
    ):
        return set(connection.execute(select(CALL.c.id)).scalars())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_restore_when_there_were_traces_then_they_are_back(
    request: pytest.FixtureRequest, weft: Weft, traced: Path, kind: str
) -> None:
    made = weft("backup", str(traced / "a.backup"))
    assert made.code == 0, made.err
    assert "a.backup.traces" in made.out
    for name in ("weft.db", TRACES_NAME):
        (traced / name).unlink()
    url = "" if kind == "sqlite" else str(request.getfixturevalue("postgres_url"))
    environ = {"WEFT_DATABASE_URL": url} if url else {}
    restored = weft("restore", str(traced / "a.backup"), env=environ)
    assert restored.code == 0, restored.err
    assert kept(traced, url) == IDS


def test_backup_when_without_traces_then_those_that_are_there_stay(
    weft: Weft, traced: Path
) -> None:
    path = traced / "a.backup"
    assert weft("backup", str(path), "--without-traces").code == 0
    assert not path.with_name("a.backup.traces").exists()
    assert weft("restore", str(path), "--force").code == 0
    assert kept(traced) == IDS


def test_copy_when_there_are_traces_then_they_move_to_the_server_and_back(
    weft: Weft, traced: Path, postgres_url: str
) -> None:
    moved = weft("copy", "--to", postgres_url)
    assert moved.code == 0, moved.err
    assert "trace_call" in moved.out
    assert kept(traced, postgres_url) == IDS
    (traced / "weft.db").unlink()
    (traced / TRACES_NAME).unlink()
    environ = {"WEFT_DATABASE_URL": postgres_url}
    back = weft("copy", "--to", f"sqlite:///{traced / 'weft.db'}", env=environ)
    assert back.code == 0, back.err
    assert kept(traced) == IDS
