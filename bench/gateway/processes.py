"""Processes, each kept on one core: start, freeze, thaw, end, and what a process and its children use.

Reads /proc, so Linux only. Knows nothing of gateways.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

END_TIMEOUT_S = 5.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """Of a process and its children, summed; `pss_mib` shares out the pages they have in common."""

    rss_mib: float
    pss_mib: float


@dataclass(frozen=True, slots=True)
class Pinned:
    """A process that was started here, in a session of its own."""

    popen: subprocess.Popen[str]

    def pids(self) -> list[int]:
        """The process and all that descend from it."""
        return family(self.popen.pid)

    def freeze(self) -> None:
        """Stop it, so that it takes no CPU time while another one is measured."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it run again."""
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Ask it to end, then make it."""
        self.thaw()
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(END_TIMEOUT_S)
        self._signal(signal.SIGKILL)
        self.popen.wait(END_TIMEOUT_S)

    def _signal(self, number: signal.Signals) -> None:
        for pid in self.pids():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


def start_pinned(
    argv: Sequence[str],
    *,
    core: int,
    log: Path,
    env: Mapping[str, str] | None = None,
    read_stdout: bool = False,
) -> Pinned:
    """Start `argv` on one core; its output goes to `log`, or stdout to a pipe if `read_stdout`."""
    with log.open("a") as out:
        stdout: IO[str] | int = subprocess.PIPE if read_stdout else out
        popen = subprocess.Popen(
            ["taskset", "-c", str(core), *argv],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=out,
            text=True,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    return Pinned(popen)


def family(pid: int) -> list[int]:
    """`pid` and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat_fields(entry)
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        found.append(parent)
        waiting += children.get(parent, [])
    return found


def _stat_fields(entry: Path) -> list[str]:
    """The fields of /proc/PID/stat after the name; none if the process is gone."""
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def memory_of(pids: Sequence[int]) -> Memory:
    """What these processes hold now."""
    rss_kib = pss_kib = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, rest = line.partition(":")
            if name == "Rss":
                rss_kib += int(rest.split()[0])
            elif name == "Pss":
                pss_kib += int(rest.split()[0])
    return Memory(rss_mib=rss_kib / 1024, pss_mib=pss_kib / 1024)


def busy_s() -> float:
    """CPU time that all cores together have spent on anything but waiting, since the machine started."""
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle, waiting_for_disk = fields[3], fields[4]
    return (sum(fields) - idle - waiting_for_disk) / TICKS_PER_S


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_listening(port: int, timeout_s: float) -> bool:
    """Whether somebody listens on the port before the time is up."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False
