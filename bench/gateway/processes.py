"""Processes, each kept on one core: start, freeze, thaw, end, and what a process and its children use.

Reads /proc, so Linux only. Knows nothing of gateways.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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

    popen: subprocess.Popen[bytes]

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
    argv: Sequence[str], *, log: Path, core: int | None = None, env: Mapping[str, str] | None = None
) -> Pinned:
    """Start `argv` on one core, or on any; what it prints goes to `log`."""
    pinning = [] if core is None else ["taskset", "-c", str(core)]
    with log.open("a") as out:
        popen = subprocess.Popen(
            [*pinning, *argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )
    return Pinned(popen)


def read_announcement(process: Pinned, log: Path, mark: bytes, timeout_s: float) -> bytes | None:
    """The first line of `log` that holds `mark`; None if the process ends or takes too long."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        for line in log.read_bytes().splitlines(keepends=True):
            if mark in line and line.endswith(b"\n"):
                return line
        if process.popen.poll() is not None:
            return None
        time.sleep(0.05)
    return None


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


def end_cleanly_on_sigterm() -> None:
    """Let SIGTERM unwind this process as Ctrl-C does, so that nothing that it started is left behind, stopped."""

    def leave(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, leave)


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
