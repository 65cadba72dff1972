"""A real cluster: a head that offers nothing, as a gateway's machine, and nodes with addresses of their own."""

import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

HEAD = "127.0.0.2"
NARROW = "127.0.0.3"
WIDE = "127.0.0.4"
NODES: Mapping[str, tuple[int, int]] = {NARROW: (2, 1000), WIDE: (2, 3000)}
"""CPUs and MiB of each."""
HERE = Path(__file__).parent
SOURCE = HERE.parents[2] / "src"
ANSWER_S = 60.0


@dataclass(slots=True)
class Cluster:
    """A cluster that a child process holds."""

    folder: Path
    """Ray's own files; it is found there by `auto`."""
    process: subprocess.Popen[bytes] = field(repr=False)
    address: str = ""
    nodes: set[str] = field(default_factory=set[str])

    def add(self, host: str) -> None:
        """Let a node join, and wait for it."""
        cpus, memory_mib = NODES[host]
        self._ask(f"add {host} {cpus} {memory_mib}")
        self.nodes.add(host)

    def kill(self, host: str) -> None:
        """End a node as the loss of its machine would: by force and without a word."""
        self.nodes.discard(host)
        self._ask(f"kill {host}")

    def have(self, *hosts: str) -> None:
        """Make sure that exactly these nodes are there."""
        for host in self.nodes - set(hosts):
            self.kill(host)
        for host in set(hosts) - self.nodes:
            self.add(host)

    def actors(self) -> set[str]:
        """Those that live, or are going to."""
        return set(self._ask("actors"))

    def answer(self) -> Any:
        """The next line that the child writes."""
        stdout: IO[bytes] | None = self.process.stdout
        assert stdout is not None
        assert select.select([stdout], [], [], ANSWER_S)[0], "the cluster does not answer"
        line = stdout.readline()
        assert line, "the cluster is gone"
        return json.loads(line)

    def _ask(self, command: str) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
        return self.answer()


@contextmanager
def running_cluster() -> Generator[Cluster]:
    """Start one without nodes, and take it down."""
    # Not pytest's own folder: the paths of sockets have to be short.
    with tempfile.TemporaryDirectory(prefix="weft-ray-", ignore_cleanup_errors=True) as name:
        environ = {**os.environ, "RAY_TMPDIR": name, "PYTHONPATH": str(SOURCE)}
        environ["RAY_USAGE_STATS_ENABLED"] = "0"
        command = [sys.executable, str(HERE / "cluster_child.py"), HEAD]
        with (
            Path(name, "log.txt").open("wb") as log,
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environ
            ) as process,
        ):
            cluster = Cluster(Path(name), process)
            try:
                cluster.address = cluster.answer()
                yield cluster
            finally:
                assert process.stdin is not None
                process.stdin.close()
                try:
                    process.wait(ANSWER_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise
