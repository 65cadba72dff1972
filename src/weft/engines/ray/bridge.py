"""Stands here for a replica on the cluster (`python -m weft.engines.ray.bridge ... -- <the child's command line>`).

To `EngineProcess` an ordinary child: it gets the secret, announces where the engine listens, writes the engine's log,
and ends when the engine ends. To Ray it is a driver with one actor, which Ray ends with it, however it ends. Knows
nothing of models or requests: those go from the gateway straight to the node. Invariants: it never outlives its actor,
so that a node that is lost is noticed and the replica started anew, wherever Ray then finds room; when it is told to
stop, it ends after the child on the node has.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from pathlib import Path

import weft
from weft.engines.process.child import ParentLink, link_to_parent
from weft.engines.ray.cluster import Actor, NoCluster, Node, Ray, brief, connect
from weft.engines.ray.outpost import Outpost
from weft.engines.ray.types import Ended, Event, Listens, Order, Placed, Wrote

CHILD_GRACE_S = 3.0
"""From SIGTERM to SIGKILL on the node; shorter than the time that this process itself is given."""
_ANSWER_S = 1.0
_NOTE_EVERY_S = 2.0
_AGAIN_S = 1.0
_MIB = 1 << 20
_LOG_FD = 2


def main() -> None:
    """Be the replica's child process."""
    options = _parser().parse_args()
    link = link_to_parent()
    link.note(f"asks the Ray cluster at {options.address} for room")
    try:
        ray = connect(options.address)
    except NoCluster as error:
        sys.exit(str(error))
    bridge = _Bridge(ray, link, options.name, _resources(options))
    order = Order(
        argv=tuple(options.argv),
        secret=link.secret,
        files=tuple(options.file),
        passed=tuple(options.passed),
        version=weft.__version__,
    )
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        # Ray tells every driver of what goes on anywhere in the cluster; that is not this engine's log.
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        reason = asyncio.run(bridge.run(order))
    if reason:
        # At once: until then requests are sent to an engine that is gone. Ray clears up after a driver that ends so.
        _say(reason)
        os._exit(1)
    ray.shutdown()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True, help="host:port of the cluster, or auto")
    parser.add_argument("--name", required=True, help="what Ray's own tools call the actor")
    parser.add_argument("--cpus", type=float, required=True)
    parser.add_argument("--gpus", type=int, required=True)
    parser.add_argument("--memory-mib", type=int, required=True)
    parser.add_argument("--file", action="append", default=[], help="must be on the node")
    parser.add_argument("--passed", action="append", default=[], help="see Order.passed")
    parser.add_argument("argv", nargs="+", help="the engine's child, after --")
    return parser


def _resources(options: argparse.Namespace) -> Mapping[str, float]:
    """What the replica needs, by Ray's names."""
    needs = {
        "CPU": options.cpus,
        "GPU": options.gpus,
        "memory": options.memory_mib * _MIB,
    }
    return {name: amount for name, amount in needs.items() if amount}


def _make(ray: Ray, name: str, needs: Mapping[str, float]) -> Actor:
    """Ask for an outpost; Ray makes it when there is room. A name may be used again only once the old actor is gone."""
    remote = ray.remote(
        name=f"{name}:{uuid.uuid4().hex[:8]}",
        namespace="weft",
        num_cpus=needs.get("CPU", 0),
        num_gpus=needs.get("GPU", 0),
        memory=needs.get("memory"),
        max_restarts=0,
        max_task_retries=0,
    )
    return remote(Outpost).remote()


class _Bridge:
    """One replica's way to the cluster."""

    def __init__(self, ray: Ray, link: ParentLink, name: str, needs: Mapping[str, float]) -> None:
        self._ray = ray
        self._link = link
        self._name = name
        self._needs = needs
        self._actor: Actor | None = None
        self._node = ""
        """Where it was placed; empty before."""

    async def run(self, order: Order) -> str:
        """Follow the replica until it ends; why it did, or nothing if this process was told to stop."""
        told = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
        stopping = asyncio.ensure_future(told.wait())
        following = asyncio.ensure_future(self._follow(order))
        await asyncio.wait({stopping, following}, return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            stopping.cancel()
            return following.result()
        await self._end()
        following.cancel()
        return ""

    async def _follow(self, order: Order) -> str:
        while True:
            try:
                reason = await self._once(order)
            except self._ray.exceptions.RayError as error:
                if self._node:
                    return f"lost with node {self._node}, or the actor there: {brief(error)}"
                if getattr(error, "actor_init_failed", True):
                    return f"no node of the Ray cluster can run it: {brief(error)}"
            else:
                return f"on node {self._node}: {reason}"
            # Ray chose a node that died before it heard of that.
            self._link.note(
                "waits for room on the Ray cluster: the node that it was to have is gone"
            )
            await asyncio.sleep(_AGAIN_S)

    async def _once(self, order: Order) -> str:
        """One try; how the child on the node ended."""
        self._actor = _make(self._ray, self._name, self._needs)
        events = self._actor.keep.remote(order)
        event = await self._first(events)
        while not isinstance(event, Ended):
            self._tell(event)
            event = await _next(events)
        return event.reason

    async def _first(self, events: AsyncIterator[Awaitable[Event]]) -> Event:
        """Wait until Ray found room, and tell what the wait is for."""
        first = asyncio.ensure_future(_next(events))
        noted = ""
        while not (await asyncio.wait({first}, timeout=_NOTE_EVERY_S))[0]:
            note = await self._waits_for()
            if note != noted:
                self._link.note(note)
                noted = note
        return first.result()

    def _tell(self, event: Event) -> None:
        match event:
            case Placed(host):
                self._node = host
                _say(f"Ray placed it on node {host}")
                self._link.note(f"starts on node {host}")
            case Wrote(lines):
                for line in lines:
                    _say(line)
            case Listens(host, port):
                self._link.announce(port, host)
            case Ended():
                return

    async def _waits_for(self) -> str:
        try:
            nodes = await asyncio.to_thread(self._ray.nodes)
        except self._ray.exceptions.RayError as error:
            return f"waits for the Ray cluster: {brief(error)}"
        return waits_for(self._needs, nodes)

    async def _end(self) -> None:
        if self._actor is None:
            return
        if self._node:
            with contextlib.suppress(TimeoutError, self._ray.exceptions.RayError):
                async with asyncio.timeout(CHILD_GRACE_S + _ANSWER_S):
                    await self._actor.end.remote(CHILD_GRACE_S)
        self._ray.kill(self._actor)


async def _next(events: AsyncIterator[Awaitable[Event]]) -> Event:
    return await (await anext(events))


def waits_for(needs: Mapping[str, float], nodes: Iterable[Node]) -> str:
    """What a replica waits for that Ray has not placed yet."""
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    wanted = _in_words(needs)
    if any(all(has.get(name, 0) >= need for name, need in needs.items()) for has in alive):
        return f"waits for its place on the Ray cluster: it needs {wanted}"
    return (
        f"waits for a node with {wanted} to join the Ray cluster: none of its {len(alive)} has that"
    )


def _in_words(needs: Mapping[str, float]) -> str:
    words = [
        f"{amount / _MIB:,.0f} MiB" if name == "memory" else f"{amount:g} {name}"
        for name, amount in needs.items()
    ]
    return ", ".join(words) or "nothing"


def _say(line: str) -> None:
    os.write(_LOG_FD, line.encode() + b"\n")


if __name__ == "__main__":
    main()
