"""One child process as the event loop sees it: its lines, its announcement, its end.

Owns the process group, the pipes and the two signals. Knows nothing of readiness, restarts or HTTP. Invariants: after
`end` nothing of the group is left, whatever the child did with its signals or its own children; neither a chatty child
nor one with endless lines can fill this process's memory.
"""

import asyncio
import os
import signal
from collections.abc import Sequence
from typing import Annotated, cast

import msgspec

from weft.engines.process.child import ANNOUNCEMENT, LOOPBACK
from weft.engines.process.logs import LineSplitter, LogRing

_KILL_WAIT_S = 5.0
LAST_WORDS_S = 0.5
"""How long the pipes of a child that ended may stay open: a grandchild that holds them must not hide its end."""
_PASSED = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "LANGUAGE", "VIRTUAL_ENV"}
    | {"LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "SYSTEMROOT"}
    | {"XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "NUMEXPR_NUM_THREADS"}
)
_PASSED_PREFIXES = (
    *("LC_", "PYTHON", "COVERAGE_", "OMP_", "KMP_", "GOMP_", "MKL_", "OPENBLAS_", "GGML_"),
    *("CUDA_", "NVIDIA_", "HIP_", "ROCR_", "HSA_", "VK_", "METAL_"),
)
"""What the loader, Python, the number libraries and the drivers read; all else that engines must know is arguments."""


_NOTE_CHARS = 500


class _Said(msgspec.Struct):
    """Where the engine listens, or what its start waits for."""

    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    host: str = LOOPBACK
    note: str = ""


class _Announcement(msgspec.Struct):
    weft_engine: _Said


class Child(asyncio.SubprocessProtocol):
    """A running child in a session of its own. Made by `spawn`.

    A protocol and not `asyncio.subprocess.Process`, whose `wait` may go on until every holder of the pipes is gone: a
    grandchild would hide the death of the child.
    """

    def __init__(self, log: LogRing) -> None:
        loop = asyncio.get_running_loop()
        self._log = log
        self._splitters = {1: LineSplitter(), 2: LineSplitter()}
        self._transport: asyncio.SubprocessTransport | None = None
        self._ended = False
        self._open = {1, 2}
        self._is_gone = False
        self.announced: asyncio.Future[int] = loop.create_future()
        """The port that the engine listens on."""
        self.host = LOOPBACK
        """The address; another than loopback once a child announced an engine on another machine."""
        self.note = ""
        """What the start waits for, as the child said last."""
        self.exited: asyncio.Future[None] = loop.create_future()
        """Done once it ended and all that it said is in the log."""

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        assert self._transport is not None, "the child was spawned"
        return self._transport.get_pid()

    def describe_end(self) -> str:
        """How the child ended, in words."""
        assert self._transport is not None, "the child was spawned"
        code = self._transport.get_returncode()
        if code is None:
            return "it still runs"
        if code >= 0:
            return f"it exited with code {code}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"it was ended by {name}"

    def tell(self, line: str) -> None:
        """Write one line to its stdin."""
        assert self._transport is not None, "the child was spawned"
        stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))
        stdin.write(line.encode() + b"\n")

    def hang_up(self) -> None:
        """Close its stdin, as the end of this process would."""
        assert self._transport is not None, "the child was spawned"
        stdin = self._transport.get_pipe_transport(0)
        assert stdin is not None, "stdin is a pipe"
        stdin.close()

    async def end(self, grace_s: float) -> None:
        """End the whole group: politely, and after `grace_s` by force. Idempotent: the id may be another's later."""
        if self._ended:
            return
        self._ended = True
        if not self.exited.done():
            self._signal(signal.SIGTERM)
            await asyncio.wait([self.exited], timeout=grace_s)
        self.kill()
        if not self.exited.done():
            await asyncio.wait([self.exited], timeout=_KILL_WAIT_S)
        assert self._transport is not None, "the child was spawned"
        self._transport.close()

    def kill(self) -> None:
        """Send SIGKILL to the group: the child and all that it started."""
        self._signal(signal.SIGKILL)

    def abandon(self) -> None:
        """Kill the group and close the pipes, without waiting for the end."""
        self._ended = True
        self.kill()
        if self._transport is not None:
            self._transport.close()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # nobody of the group is left (macOS says so with EPERM, for a group of zombies)

    # What the event loop tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        # uvloop's transports are asyncio's in all but their base class.
        self._transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Keep the lines; those that the child announces something with are for us."""
        for line in self._splitters[fd].feed(data):
            if not (fd == 1 and self._is_announcement(line)):
                self._log.add(line)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Keep what stood after the last line end."""
        splitter = self._splitters.get(fd)
        if splitter is not None:
            for line in splitter.finish():
                self._log.add(line)
        self._open.discard(fd)
        if self._is_gone and not self._open:
            self._tell_end()

    def process_exited(self) -> None:
        """Tell whoever waits; its last words, which may still be in the pipes, come first."""
        self._is_gone = True
        if self._open:
            asyncio.get_running_loop().call_later(LAST_WORDS_S, self._tell_end)
        else:
            self._tell_end()

    def _tell_end(self) -> None:
        if not self.exited.done():
            self.exited.set_result(None)

    def _is_announcement(self, line: str) -> bool:
        if not line.startswith(ANNOUNCEMENT.decode()):
            return False
        try:
            said = msgspec.json.decode(line, type=_Announcement).weft_engine
        except msgspec.DecodeError:
            return False
        self.note = said.note[:_NOTE_CHARS]
        if said.port and not self.announced.done():
            self.host = said.host
            self.announced.set_result(said.port)
        return True


async def spawn(
    argv: Sequence[str],
    *,
    secret: str,
    log: LogRing,
    passed: tuple[str, ...] = (),
    gpus: Sequence[int] = (),
) -> Child:
    """Start `argv` in a session of its own and hand it `secret` on its stdin, which then stays open.

    Of this process's environment it sees what every engine needs, and what begins with one of `passed`; of the
    accelerators `gpus` alone, or whatever the driver shows where that is empty.

    Raises:
        OSError: the program cannot be started.
    """
    environment = _environment(passed)
    if gpus:
        environment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # as nvidia-smi counts
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(str(index) for index in gpus)
    _, child = await asyncio.get_running_loop().subprocess_exec(
        lambda: Child(log), *argv, env=environment, start_new_session=True
    )
    child.tell(secret)
    return child


def _environment(passed: tuple[str, ...]) -> dict[str, str]:
    """The part of ours that an engine needs: ours also holds secrets of the operator's."""
    environ = os.environ  # noqa: TID251 - read whole to be handed on, no setting is looked up
    prefixes = (*_PASSED_PREFIXES, *passed)
    return {
        name: value
        for name, value in environ.items()
        if name in _PASSED or name.startswith(prefixes)
    }
