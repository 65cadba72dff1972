import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from cli.said import Said, Weft, said
from weft.app.storage import open_database, server_secret
from weft.identity.bootstrap import FirstStart, first_start
from weft.identity.principal import Gate
from weft.kit.clock import SystemClock
from weft.kit.settings import Settings


@pytest.fixture
def weft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Weft:
    """Runs `weft WORDS... --data FOLDER`."""

    def run(*words: str, env: Mapping[str, str] | None = None) -> Said:
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        return said(tmp_path, words, monkeypatch, capsys)

    return run


@pytest.fixture(scope="session")
def first_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, FirstStart]:
    """A data folder after the first start, made once: passwords are hashed slowly on purpose."""
    folder = tmp_path_factory.mktemp("first")
    database = open_database(folder)
    with database.write() as connection:
        made = first_start(connection, server_secret(Settings(data_dir=folder)), SystemClock())
    database.close()
    assert made is not None
    return folder, made


@pytest.fixture
def started(tmp_path: Path, first_folder: tuple[Path, FirstStart]) -> FirstStart:
    """What the first start of a server in the data folder made."""
    folder, made = first_folder
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return made


@pytest.fixture
async def gate(tmp_path: Path, started: FirstStart) -> AsyncIterator[Gate]:
    """A running server's gate over the same data folder."""
    del started
    database = open_database(tmp_path)
    gate = Gate(
        database,
        server_secret(Settings(data_dir=tmp_path)),
        SystemClock(),
        require_project=False,
    )
    yield gate
    gate.close()
    database.close()
