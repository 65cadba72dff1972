"""`weft`, imported once: each command is a child forked from there, which starts at once.

Most of what a command costs is the import of what it needs, seconds for `weft serve`. What runs is the same `main`, in
a process of its own, with its own arguments, environment, standard output and signals. The command as a shell starts
it is what tests/cli/test_serve.py and tests/docs start.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

MESSAGE_BYTES = 65_536


@dataclass(slots=True)
class Child:
    """A command that was started; as much of a `subprocess.Popen` as tests use."""

    pid: int
    args: Sequence[str]
    _told: IO[bytes] = field(repr=False)
    returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended; that of a signal is below zero.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        if self.returncode is None:
            ended, _, _ = select.select([self._told], [], [], timeout)
            if not ended:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def send_signal(self, how: int) -> None:
        """Send a signal; nothing happens to one that has ended."""
        try:
            self.wait(0)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, how)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The process that has imported `weft`, seen from the tests."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._line, theirs = socket.socketpair()
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                env=environ,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        atexit.register(self._close)

    def start(
        self, argv: Sequence[str], environ: Mapping[str, str], stdout: int, stderr: int
    ) -> Child:
        """Fork a child that runs `weft` with these words; the two are open files that it writes to."""
        reading, writing = os.pipe()
        wanted = {"argv": argv, "environ": dict(environ), "folder": str(Path.cwd())}
        told = os.fdopen(reading, "rb", buffering=0)
        with self._lock:
            message = json.dumps(wanted).encode() + b"\n"
            socket.send_fds(self._line, [message], [stdout, stderr, writing])
            os.close(writing)
            pid = int(told.readline())
        return Child(pid, argv, told)

    def serve(
        self, argv: Sequence[str], environ: Mapping[str, str], log: IO[str]
    ) -> tuple[Child, IO[str]]:
        """Start one that announces itself; what it says on its standard output can be read from the second."""
        reading, writing = os.pipe()
        try:
            child = self.start(argv, environ, writing, log.fileno())
        finally:
            os.close(writing)
        return child, os.fdopen(reading)

    def _close(self) -> None:
        self._line.close()
        self._process.wait()


@functools.cache
def nursery() -> Nursery:
    """That of this process; what is in the environment of a command is told with each."""
    return Nursery(dict(os.environ))


def _attend(line: socket.socket) -> None:
    """Fork a child for each request; returns in the child, which is the command, and ends with whoever asks."""
    while True:
        message, files, _, _ = socket.recv_fds(line, MESSAGE_BYTES, 3)
        while message and not message.endswith(b"\n"):
            message += line.recv(MESSAGE_BYTES)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            line.close()
            stdout, stderr, told = files
            _fork_and_tell(told)
            _become(json.loads(message), stdout, stderr)
            return
        for file in files:
            os.close(file)


def _fork_and_tell(told: int) -> None:
    """Go on in a child, whose parent does nothing but tell its id and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid:
        os.write(told, b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
        os._exit(0)
    os.close(told)


def _become(wanted: dict[str, Any], stdout: int, stderr: int) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for own, given in ((1, stdout), (2, stderr)):
        os.dup2(given, own)
        os.close(given)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environ"])
    sys.argv[:] = wanted["argv"]


def _run() -> None:
    """What the nursery does, and each of its children."""
    weft = importlib.import_module("weft.cli")
    for command in weft.COMMANDS:
        importlib.import_module(command.module)
    importlib.import_module("weft.app.run")  # what `weft serve` imports once it is to start
    gc.freeze()  # what is there is shared with the children, until somebody looks through it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that tell
    with socket.socket(fileno=int(sys.argv[1])) as line:
        _attend(line)
    weft.main()


if __name__ == "__main__":
    _run()
