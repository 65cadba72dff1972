"""The inference door for callers inside this process: the same flow, without a connection in between."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

from weft.app.evals.exchange import InnerExchange
from weft.app.evals.outside import with_outside
from weft.app.evals.stewards import Stewards
from weft.evals.door import Asker, Reply
from weft.evals.providers.book import ProviderBook
from weft.gateway.flow import InferenceDoor
from weft.identity.projects.console import KnownCaller
from weft.identity.projects.gate import ProjectGate
from weft.kit.errors import InternalError

LEAVE_S = 5.0
"""For the door to write its record after a reader has left."""


@dataclass(frozen=True, slots=True)
class InnerDoor:
    """Implements `evals.Door`."""

    door: InferenceDoor
    gate: ProjectGate
    book: ProviderBook
    stewards: Stewards

    @contextlib.asynccontextmanager
    async def ask(self, asker: Asker, payload: bytes) -> AsyncGenerator[Reply]:
        """See `evals.Door.ask`. A key is judged by the door itself; a session has none, so its user is told to it."""
        headers = [*asker.headers, (b"openai-project", asker.project.encode())]
        door = with_outside(self.door, self.book, payload)
        if asker.credentials.authorization:
            headers.append((b"authorization", asker.credentials.authorization))
        elif asker.acting_for:
            door = replace(door, gate=KnownCaller(await self.stewards.principal(asker)))
        else:
            principal = await self.gate.session_principal(asker.credentials.session, asker.project)
            door = replace(door, gate=KnownCaller(principal))
        exchange = InnerExchange(headers, payload, asker.peer)
        task = asyncio.get_running_loop().create_task(door(exchange))
        task.add_done_callback(lambda _done: exchange.abandon())
        try:
            await exchange.opened()
            if not exchange.status:
                raise InternalError("the inference door gave no answer")
            yield exchange
        finally:
            if not task.done():
                exchange.leave()
                task.cancel()
                await asyncio.wait({task}, timeout=LEAVE_S)
