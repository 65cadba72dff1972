"""A backup is one moment, in one file that holds together, whatever is written meanwhile."""

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from kit.copying.conftest import Open
from kit.copying.shop import STEPS, everything, fill
from weft.kit.copying.backup import back_up, open_backup
from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.kit.migrations import Migration

PATIENCE_S = 20


def ignore(done: int, total: int) -> None:
    assert 0 <= done <= total


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_backup_when_made_then_it_is_one_private_file_with_everything(
    opened: Open, tmp_path: Path, kind: str
) -> None:
    source = opened(kind)
    with source.write() as connection:
        fill(connection)
    folder = tmp_path / "backups"
    folder.mkdir()
    rows = back_up(source, folder / "a.db", STEPS, ignore)
    assert rows == sum(len(table) for table in everything(source).values())
    assert [path.name for path in folder.iterdir()] == ["a.db"]
    assert stat.S_IMODE((folder / "a.db").stat().st_mode) == 0o600
    found = open_backup(folder / "a.db", STEPS, tmp_path / "scratch.db")
    assert everything(found) == everything(source)
    found.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_backup_when_others_write_meanwhile_then_it_is_one_moment_and_they_do_not_wait(
    opened: Open, tmp_path: Path, kind: str
) -> None:
    source = opened(kind)
    with source.write() as connection:
        fill(connection)
    before = everything(source)
    started, written = threading.Event(), threading.Event()

    def write() -> None:
        started.wait(PATIENCE_S)
        for number in range(20):
            with source.write() as connection:
                connection.execute(text("UPDATE zone SET total = :n"), {"n": number})
                connection.execute(
                    text("UPDATE \"order\" SET note = 'later' WHERE id = :id"),
                    {"id": f"o_{number * 500}"},
                )
        written.set()

    writer = threading.Thread(target=write)
    writer.start()

    def meanwhile(_done: int, _total: int) -> None:
        started.set()
        assert written.wait(PATIENCE_S)  # in the middle of the copy

    back_up(source, tmp_path / "a.backup", STEPS, meanwhile)
    writer.join(PATIENCE_S)
    found = open_backup(tmp_path / "a.backup", STEPS, tmp_path / "scratch.db")
    assert everything(found) == before
    assert everything(source) != before
    found.close()


def test_backup_when_it_fails_then_the_older_one_stays(opened: Open, tmp_path: Path) -> None:
    source, path = opened("sqlite"), tmp_path / "backups" / "a.db"
    path.parent.mkdir()
    path.write_bytes(b"the older one")

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(source, path, STEPS, stop)
    assert path.read_bytes() == b"the older one"
    assert list(path.parent.iterdir()) == [path]


def test_backup_when_the_folder_is_missing_then_cannot_start(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="cannot write the backup"):
        back_up(opened("sqlite"), tmp_path / "none" / "a.db", STEPS, ignore)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_backup_when_steps_are_missing_then_cannot_start(
    opened: Open, tmp_path: Path, kind: str
) -> None:
    more = (*STEPS, Migration("shop.0002_more", ("CREATE TABLE more (id TEXT PRIMARY KEY)",)))
    with pytest.raises(CannotStart, match="is not up to date"):
        back_up(opened(kind), tmp_path / "a.backup", more, ignore)
    assert not (tmp_path / "a.backup").exists()


def test_open_when_the_backup_is_older_then_it_is_brought_up_to_date_in_a_copy(
    opened: Open, tmp_path: Path
) -> None:
    source, path = opened("sqlite"), tmp_path / "a.backup"
    back_up(source, path, STEPS, ignore)
    before = path.read_bytes()
    more = (*STEPS, Migration("shop.0002_more", ("CREATE TABLE more (id TEXT PRIMARY KEY)",)))
    found = open_backup(path, more, tmp_path / "scratch.db")
    with found.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM more")).scalar_one() == 0
    found.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize("what", ["none", "text", "other", "torn", "newer"])
def test_open_when_it_is_no_backup_then_cannot_start(
    opened: Open, tmp_path: Path, what: str
) -> None:
    path = tmp_path / "a.backup"
    if what == "text":
        path.write_text("this is no database, whatever its name may say" * 100)
    elif what == "other":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE other (id INTEGER)")
    elif what in {"torn", "newer"}:
        source: Database = opened("sqlite")
        with source.write() as connection:
            fill(connection)
        back_up(source, path, STEPS, ignore)
        if what == "torn":
            raw = bytearray(path.read_bytes())
            raw[4096 * 10 : 4096 * 14] = b"\xa5" * 16384
            path.write_bytes(raw)
    steps = () if what == "newer" else STEPS
    with pytest.raises(CannotStart) as caught:
        open_backup(path, steps, tmp_path / "scratch.db")
    assert caught.value.metadata["remedy"]
