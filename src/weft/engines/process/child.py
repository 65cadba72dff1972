"""What an engine's child process does first: tie its life to its parent's, and learn the secret.

Runs in the child. The parent holds the other end of stdin: its first line is the secret that requests must carry, and
its end means that the parent is gone, however it went, so the child ends too, with its whole process group. Linux says
the same by a signal, which also reaches a child whose interpreter is busy inside native code (`prctl(2)`,
PR_SET_PDEATHSIG). Invariant: nothing but announcements goes to the pipe that the parent reads them from; whatever else
is printed goes to stderr.
"""

import argparse
import ctypes
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import msgspec

ANNOUNCEMENT = b'{"weft_engine":'
LOOPBACK = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_SECRET_BYTES = 4096
_OOM_SCORE = b"500"
"""Where memory runs out, the kernel shall end an engine and not the door (proc_pid_oom_score_adj(5))."""


@dataclass(frozen=True, slots=True)
class ParentLink:
    """The child's end of the line to its parent."""

    secret: str
    """Requests must carry it as their bearer token; empty: anybody may ask."""
    _announce_fd: int

    def announce(self, port: int, host: str = LOOPBACK) -> None:
        """Tell the parent where the engine listens."""
        self._write({"port": port} if host == LOOPBACK else {"port": port, "host": host})

    def note(self, text: str) -> None:
        """Tell the parent what the start waits for; each note takes the place of the last."""
        self._write({"note": text})

    def _write(self, message: dict[str, int | str]) -> None:
        os.write(self._announce_fd, ANNOUNCEMENT + msgspec.json.encode(message) + b"}\n")


def add_host(parser: argparse.ArgumentParser) -> None:
    """The flag of every child that says where to listen: on loopback, unless another machine's server will ask."""
    parser.add_argument("--host", default=LOOPBACK, help="the address to listen on")


def link_to_parent() -> ParentLink:
    """Call this once, before anything else."""
    die_with_parent()
    _die_before_parent()
    announce_fd = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    secret = _read_line(sys.stdin.fileno())
    threading.Thread(target=_end_with_stdin, name="life-line", daemon=True).start()
    return ParentLink(secret, announce_fd)


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent ends; Linux only, elsewhere stdin has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def end_group() -> NoReturn:
    """End this process at once, and with it all that it started."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def _die_before_parent() -> None:
    if sys.platform == "linux":
        try:
            Path("/proc/self/oom_score_adj").write_bytes(_OOM_SCORE)
        except OSError:
            return  # a hardened container: not worth a failure


def _read_line(fd: int) -> str:
    line = bytearray()
    while (byte := os.read(fd, 1)) != b"\n":
        if not byte or len(line) >= _SECRET_BYTES:
            end_group()  # never run without the secret that the parent meant to set
        line += byte
    return line.decode()


def _end_with_stdin() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    end_group()
