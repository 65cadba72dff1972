"""The inference door for callers inside this process: the same flow, without a connection in between."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from weft.app.evals.exchange import InnerExchange
from weft.app.evals.outside import with_outside
from weft.app.evals.stewards import Stewards
from weft.app.evals.ticket import TicketAdmission
from weft.catalog.adapters.names import may_name_adapter
from weft.evals.door import Asker, Quote, Reply, Ticket
from weft.evals.providers.book import ProviderBook
from weft.gateway.flow import InferenceDoor
from weft.identity.principal import may_use_model
from weft.identity.projects.console import KnownCaller
from weft.identity.projects.gate import ProjectGate
from weft.identity.types import Principal
from weft.kit.errors import InternalError
from weft.ledger.ledger import Ledger

LEAVE_S = 5.0
"""For the door to write its record after a reader has left."""


@dataclass(frozen=True, slots=True)
class InnerDoor:
    """Implements `evals.Door`."""

    door: InferenceDoor
    gate: ProjectGate
    book: ProviderBook
    stewards: Stewards
    ledger: Ledger

    @contextlib.asynccontextmanager
    async def ask(
        self, asker: Asker, payload: bytes, ticket: Ticket | None = None
    ) -> AsyncGenerator[Reply]:
        """See `evals.Door.ask`. A key is judged by the door itself; a session has none, so its user is told to it."""
        headers = [*asker.headers, (b"openai-project", asker.project.encode())]
        door = with_outside(self.door, self.book, payload)
        if asker.credentials.authorization:
            headers.append((b"authorization", asker.credentials.authorization))
        elif asker.acting_for:
            door = replace(door, gate=KnownCaller(await self.stewards.principal(asker)))
        else:
            door = replace(door, gate=KnownCaller(await self._session(asker)))
        if ticket is not None:
            door = replace(door, admission=TicketAdmission(self.ledger, ticket))
        exchange = InnerExchange(headers, payload, asker.peer, ticket)
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

    async def quote(self, asker: Asker, payload: bytes, *, counts: bool = False) -> Quote:
        """See `evals.Door.quote`. The same steps as the door's own, up to the hold."""
        door = with_outside(self.door, self.book, payload)
        if asker.credentials.authorization:
            project = asker.project.encode()
            gate, authorization = door.gate, asker.credentials.authorization
            principal = gate.find(authorization, project) or await gate.authorize(
                authorization, project
            )
        elif asker.acting_for:
            principal = await self.stewards.principal(asker)
        else:
            principal = await self._session(asker)
        errand = door.read(payload, door.bounds)
        if may_name_adapter(errand.model):
            named = await door.adapters.find(principal, errand.model)
            may_use_model(principal, named.card.id, named.names)
            route = await door.adapters.route(named)
        else:
            card = door.catalog.resolve(errand.model)
            may_use_model(principal, card.id)
            route = door.engines.find_route(card)
        errand.check(route)
        estimate = errand.estimate(route)
        counted: int | None = None
        if counts and errand.is_countable:
            counted = await door.engines.count_prompt(route, errand.bodies(route)[0])
        price = route.card.price_at(datetime.now(UTC))
        return Quote(
            model_id=route.card.id,
            most_nusd=estimate.cost_nusd(price),
            prompt_tokens=estimate.prompt_tokens if counted is None else counted,
            is_counted=counted is not None,
            output_tokens=estimate.output_tokens * estimate.choices,
            context_tokens=estimate.context_tokens,
            input_nusd_per_mtok=price.input_nusd_per_mtok,
            cached_nusd_per_mtok=price.cached_input_nusd_per_mtok,
            output_nusd_per_mtok=price.output_nusd_per_mtok,
        )

    async def _session(self, asker: Asker) -> Principal:
        return await self.gate.session_principal(asker.credentials.session, asker.project)
