"""Every test of this room runs twice, on asyncio's event loop and on uvloop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import pytest_asyncio
import uvloop

from upstream.peer import Peer


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.SelectorEventLoop, "uvloop": uvloop.new_event_loop}


@pytest_asyncio.fixture
async def quiet_peer() -> AsyncIterator[Peer]:
    """A peer that has yet to be told where to listen."""
    peer = Peer()
    yield peer
    await peer.leave()


@pytest_asyncio.fixture
async def peer(quiet_peer: Peer) -> Peer:
    await quiet_peer.listen()
    return quiet_peer
