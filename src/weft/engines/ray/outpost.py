"""What runs on a node of the cluster: one actor that starts an engine's child there, as this machine would.

Owns the child's process, through the same code that starts engines on the gateway's own machine. Knows nothing of what
it computes. Invariants: nothing is started before everything that it reads is there; the child's life hangs on this
process, as that of a child here on ours, so that an actor that is killed, or loses its node, leaves no child.
"""

import asyncio
import importlib
import sys
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Protocol, cast

import weft
from weft.engines.process.logs import RING_LINES, LogRing
from weft.engines.process.spawn import Child, spawn
from weft.engines.ray.types import PYTHON, Ended, Event, Listens, Order, Placed, Wrote

_GATHER_S = 0.25
"""Lines that come within so long travel together."""
_LAST_WORDS_S = 0.05
"""For what is still in the pipes of a child that ended."""


class _Addresses(Protocol):
    """`ray.util`, as far as it is used here."""

    def get_node_ip_address(self) -> str: ...


class Outpost:
    """An engine's child on this node. Ray makes one, and calls it in a process of its own."""

    def __init__(self) -> None:
        self._child: Child | None = None

    async def keep(self, order: Order) -> AsyncGenerator[Event]:
        """Start the child of `order`, tell what becomes of it, and end with it."""
        host = cast("_Addresses", importlib.import_module("ray.util")).get_node_ip_address()
        yield Placed(host)
        trouble = _trouble(order)
        if trouble:
            yield Ended(trouble)
            return
        log = _Lines()
        argv = command(order.argv, host)
        try:
            child = self._child = await spawn(
                argv, secret=order.secret, log=log, passed=order.passed
            )
        except OSError as error:
            yield Ended(f"{argv[0]} cannot be started: {error}")
            return
        try:
            async for event in _watch(child, log):
                yield event
        finally:
            await child.end(0)
        yield Ended(child.describe_end())

    async def end(self, grace_s: float) -> None:
        """End the child, if there is one: politely, and after `grace_s` by force."""
        if self._child is not None:
            await self._child.end(grace_s)


class _Lines(LogRing):
    """Lines that still have to be sent; the oldest give way where more come than can be."""

    def __init__(self) -> None:
        super().__init__(0)
        self.wrote = asyncio.Event()
        self._unsent: deque[str] = deque(maxlen=RING_LINES)

    def add(self, line: str) -> None:
        self._unsent.append(line)
        self.wrote.set()

    def take(self) -> tuple[str, ...]:
        """All that came since the last time."""
        lines = tuple(self._unsent)
        self._unsent.clear()
        self.wrote.clear()
        return lines


async def _watch(child: Child, log: _Lines) -> AsyncGenerator[Event]:
    """What the child says, until it is gone."""
    listens = False
    while not child.exited.done():
        written = asyncio.ensure_future(log.wrote.wait())
        awaited = {written, child.exited} if listens else {written, child.exited, child.announced}
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        written.cancel()
        if child.announced.done() and not listens:
            listens = True
            yield Listens(child.host, child.announced.result())
        elif not child.exited.done():
            await asyncio.wait([child.exited], timeout=_GATHER_S)
        if lines := log.take():
            yield Wrote(lines)
    await asyncio.sleep(_LAST_WORDS_S)
    if lines := log.take():
        yield Wrote(lines)


def _trouble(order: Order) -> str:
    """Why this node cannot run the order; empty if it can."""
    if order.version != weft.__version__:
        return f"it has Weft {weft.__version__}, and the server {order.version}: install the same"
    missing = [path for path in order.files if not Path(path).exists()]
    return f"it has no {' and no '.join(missing)}" if missing else ""


def command(argv: Sequence[str], host: str) -> tuple[str, ...]:
    """The child's command line on a node: with the node's interpreter, and its address to listen on.

    What comes after `--` is another program's, which the child tells about the address itself.
    """
    words = [sys.executable if word == PYTHON else word for word in argv]
    end = words.index("--") if "--" in words else len(words)
    return (*words[:end], "--host", host, *words[end:])
