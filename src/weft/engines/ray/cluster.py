"""Ray as far as it is used here, and the way into a cluster.

The package is an extra and slow to import, so it is imported by name and described by protocols. Invariant: whatever
keeps this process from the cluster becomes one `NoCluster`, in words. Ray 2.60; its API is documented at
docs.ray.io/en/latest/ray-core/api (read 2026-11).
"""

import importlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypedDict, cast

from weft.engines.ray.types import Event, Order

_CONNECT_TIMEOUT_S = 5.0
AUTO = "auto"


class NoCluster(Exception):
    """This process cannot take part in the cluster; the text says why."""


class Node(TypedDict):
    """One entry of `ray.nodes()`."""

    Alive: bool
    NodeManagerAddress: str
    Resources: Mapping[str, float]
    """All that it has, taken or not; `memory` in bytes."""


class _Keep(Protocol):
    def remote(self, order: Order, /) -> AsyncIterator[Awaitable[Event]]: ...


class _End(Protocol):
    def remote(self, grace_s: float, /) -> Awaitable[None]: ...


class Actor(Protocol):
    """A handle of an `Outpost`."""

    keep: _Keep
    end: _End


class _ActorClass(Protocol):
    def remote(self) -> Actor: ...


class _Exceptions(Protocol):
    RayError: type[Exception]


class Ray(Protocol):
    """The module."""

    exceptions: _Exceptions

    def init(self, address: str, *, log_to_driver: bool, configure_logging: bool) -> object:
        """Take part in a cluster."""
        ...

    def remote(self, **options: object) -> Callable[[type], _ActorClass]:
        """Make an actor's class of a plain one."""
        ...

    def nodes(self) -> Sequence[Node]:
        """Every node that there is or was."""
        ...

    def kill(self, actor: Actor, /) -> None:
        """End an actor by force, or do not make it at all."""
        ...

    def shutdown(self) -> None:
        """Take part no more."""
        ...


def connect(address: str) -> Ray:
    """Take part in the cluster at `address` (`host:port` or `auto`) as a driver.

    Raises:
        NoCluster: it is not there, or does not take us.
    """
    try:
        ray = cast("Ray", importlib.import_module("ray"))
    except ImportError as error:
        raise NoCluster(f"Ray cannot be used ({error}): pip install 'weft[ray]'") from error
    _knock(address)
    try:
        ray.init(address, log_to_driver=False, configure_logging=False)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise NoCluster(
            f"the Ray cluster at {address} does not take this machine: {brief(error)}"
        ) from error
    return ray


def brief(error: Exception, limit: int = 600) -> str:
    """The text of an error of Ray's, which comes in many lines, in one."""
    words = " ".join(str(error).split())
    return words if len(words) <= limit else words[:limit] + "…"


def _knock(address: str) -> None:
    """Find out soon whether anybody is there: Ray itself would go on trying for a minute."""
    host, _, port = address.rpartition(":")
    if not host:
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise NoCluster(f"no Ray cluster answers at {address}: {error}") from error
