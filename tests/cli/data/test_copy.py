"""`weft copy`: to PostgreSQL and back, with every id and every hash, and only while nobody uses either."""

from pathlib import Path

import pytest

from cli.data.conftest import Rows, rows_of
from cli.said import Weft
from databases import PostgresServer
from weft.app.folder import DataFolder
from weft.app.storage import server_secret
from weft.identity.bootstrap import FirstStart
from weft.identity.principal import Gate
from weft.kit.clock import SystemClock
from weft.kit.db import Database
from weft.kit.dialects import postgresql
from weft.kit.settings import Settings


def test_copy_when_to_postgresql_and_back_then_every_row_and_the_chain_are_there(
    weft: Weft, books: Rows, tmp_path: Path, postgres_url: str
) -> None:
    there = weft("copy", "--to", postgres_url)
    assert there.code == 0, there.err
    assert "every one was compared" in there.out
    assert "Set WEFT_DATABASE_URL" in there.out
    assert rows_of(postgres_url) == books
    (tmp_path / "weft.db").unlink()
    back = weft(
        "copy",
        "--to",
        f"sqlite:///{tmp_path / 'weft.db'}",
        env={"WEFT_DATABASE_URL": postgres_url},
    )
    assert back.code == 0, back.err
    assert "Take WEFT_DATABASE_URL away" in back.out
    assert rows_of(tmp_path / "weft.db") == books


async def test_copy_when_done_then_the_api_keys_go_on_working(
    weft: Weft, started: FirstStart, tmp_path: Path, postgres_url: str
) -> None:
    assert weft("copy", "--to", postgres_url).code == 0
    database = Database(postgres_url)
    secret = server_secret(Settings(data_dir=tmp_path))
    gate = Gate(database, secret, SystemClock(), require_project=False)
    principal = await gate.authorize(f"Bearer {started.api_key}".encode(), b"")
    assert principal.username == started.username
    gate.close()
    database.close()


def test_copy_when_the_target_is_not_empty_then_only_with_force(
    weft: Weft, books: Rows, postgres_url: str
) -> None:
    assert weft("copy", "--to", postgres_url).code == 0
    refused = weft("copy", "--to", postgres_url)
    assert refused.code == 1
    assert "is not empty" in refused.err
    assert "--force" in refused.err
    assert weft("copy", "--to", postgres_url, "--force").code == 0
    assert rows_of(postgres_url) == books


def test_copy_when_a_server_runs_then_it_is_refused(
    weft: Weft, started: FirstStart, tmp_path: Path, postgres_url: str
) -> None:
    with DataFolder(tmp_path):
        assert "already serves the data folder" in weft("copy", "--to", postgres_url).err
    with DataFolder(tmp_path, beside=True):
        assert "a gateway uses the data folder" in weft("copy", "--to", postgres_url).err
    assert weft("copy", "--to", postgres_url).code == 0


def test_copy_when_another_process_is_connected_then_it_is_refused(
    weft: Weft, started: FirstStart, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "APPLICATION", "weft/1@elsewhere")
    other = Database(postgres_url)
    other.check()
    monkeypatch.undo()
    refused = weft("copy", "--to", postgres_url)
    assert refused.code == 1
    assert "is in use by weft/1@elsewhere" in refused.err
    assert "stop every server and gateway" in refused.err
    other.close()
    assert weft("copy", "--to", postgres_url).code == 0


@pytest.mark.parametrize("to", ["mysql://ada:geheim@h/d", "nowhere", ""])
def test_copy_when_the_url_is_none_then_its_forms_are_told(
    weft: Weft, started: FirstStart, to: str
) -> None:
    said = weft("copy", "--to", to)
    assert said.code == 1
    assert "postgresql://user:password@host:5432/name" in said.err
    assert "geheim" not in said.err


def test_copy_when_it_is_the_same_database_then_it_is_refused(
    weft: Weft, started: FirstStart, tmp_path: Path
) -> None:
    said = weft("copy", "--to", f"sqlite:///{tmp_path / 'weft.db'}", "--force")
    assert said.code == 1
    assert "is where everything is already" in said.err


def test_copy_when_there_is_nothing_to_copy_then_nothing_is_made(
    weft: Weft, tmp_path: Path, postgres: PostgresServer, postgres_url: str
) -> None:
    said = weft("copy", "--to", postgres_url)
    assert (said.code, "there is no Weft database" in said.err) == (1, True)
    assert list(tmp_path.iterdir()) == []
