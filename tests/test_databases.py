"""The throwaway PostgreSQL: from the bundled binaries as well, and gone with whoever started it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from databases import OLDEST, PostgresServer, find_binaries

PATIENCE_S = 60
STARTER = """
import sys, time
from databases import PostgresServer, find_binaries
server = PostgresServer(find_binaries())
pid = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
print(server.folder, pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("choice", ["", "bundled"])
def test_server_when_started_then_it_is_new_enough_and_gone_when_closed(choice: str) -> None:
    server = PostgresServer(find_binaries(choice))
    try:
        with server.connect() as connection:
            row = connection.execute("SHOW server_version_num").fetchone()
        assert row is not None
        assert int(row[0]) >= OLDEST * 10_000
        name = server.create()
        assert server.create(name) != name
    finally:
        server.close()
    assert not server.folder.exists()
    server.close()


def test_server_when_its_starter_is_killed_then_it_ends_as_well() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    ) as starter:
        assert starter.stdout is not None
        folder, pid = starter.stdout.readline().split()
        assert Path(folder).is_dir()
        starter.send_signal(signal.SIGKILL)
    until_s = time.monotonic() + PATIENCE_S
    while Path(folder).exists() or _runs(int(pid)):
        assert time.monotonic() < until_s
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    with suppress(OSError):
        status = Path(f"/proc/{pid}/stat").read_text()
        return status.rpartition(")")[2].split()[0] != "Z"
    return False
