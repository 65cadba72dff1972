"""The files in the data folder: whose they are, and who may read them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from weft.app.folder import LOCK_NAME, DataFolder
from weft.app.storage import DATABASE_FILES, MIGRATIONS, open_database, place_of
from weft.kit.errors import CannotStart
from weft.kit.migrations import pending
from weft.kit.settings import Settings


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_files_when_made_in_a_folder_that_others_read_then_only_the_owner_can(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o755)
    with DataFolder(tmp_path):
        database = open_database(tmp_path)
        assert modes(tmp_path) == dict.fromkeys((*DATABASE_FILES, LOCK_NAME), 0o600)
        database.close()


def test_files_when_others_could_read_them_then_no_more(tmp_path: Path) -> None:
    open_database(tmp_path).close()
    for name in ("weft.db", LOCK_NAME):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    with DataFolder(tmp_path):
        open_database(tmp_path).close()
    assert modes(tmp_path) == {"weft.db": 0o600, LOCK_NAME: 0o600}


def test_database_when_it_cannot_be_opened_then_one_line_says_why(tmp_path: Path) -> None:
    (tmp_path / "weft.db").mkdir()
    with pytest.raises(
        CannotStart, match=r"cannot open the database .*weft\.db \(Is a directory\)"
    ):
        open_database(tmp_path)


def test_database_when_the_url_names_postgresql_then_it_is_opened_there(
    tmp_path: Path, postgres_url: str
) -> None:
    database = open_database(tmp_path, SecretStr(postgres_url))
    assert database.dialect == "postgresql"
    assert pending(database, MIGRATIONS) == []
    database.close()
    assert list(tmp_path.iterdir()) == []


def test_database_when_the_url_names_another_file_then_it_is_opened_there(tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "books.db"
    other.parent.mkdir()
    open_database(tmp_path / "data", SecretStr(f"sqlite:///{other}")).close()
    assert stat.S_IMODE(other.stat().st_mode) == 0o600


def test_place_when_no_url_is_set_then_it_is_in_the_data_folder(tmp_path: Path) -> None:
    assert place_of(Settings(data_dir=tmp_path)) == tmp_path / "weft.db"
    url = "postgresql://ada@db.example/weft"
    assert place_of(Settings(data_dir=tmp_path, database_url=SecretStr(url))) == url
