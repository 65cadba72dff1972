"""What the answers work with: who may enter, where accounts and runs are kept, what this server is called."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from weft.identity.headers import MissingKey
from weft.identity.login.callers import Caller
from weft.identity.projects.gate import Credentials, ProjectGate
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.traces.store import TraceStore

T = TypeVar("T")
Answering = Callable[..., Any]
"""A field that costs something: called with graphql-core's info and the field's arguments."""


@dataclass(frozen=True, slots=True)
class Front:
    """The parts."""

    gate: ProjectGate
    accounts: Database
    store: TraceStore
    clock: Clock
    public_url: str
    """Where people reach the console; empty: where the request went."""


@dataclass(slots=True)
class Visit:
    """One request: who sent it, found out once and only when it matters."""

    front: Front
    credentials: Credentials
    base_url: str
    _caller: Caller | None = field(default=None)

    async def caller(self) -> Caller:
        """Who is calling.

        Raises:
            NotAuthenticated: no key or session, or no valid one.
            NotPermitted: the key was made for other uses.
        """
        if self._caller is None:
            self._caller = await self.front.gate.identify(self.credentials)
        return self._caller

    async def caller_if_any(self) -> Caller | None:
        """As `caller`, but None for somebody who sent no key at all."""
        try:
            return await self.caller()
        except MissingKey:
            return None

    async def read(self, work: Callable[[Connection, Caller], T]) -> T:
        """What `work` finds among accounts, for the caller."""
        caller = await self.caller()
        return await self.front.accounts.read_soon(lambda connection: work(connection, caller))

    async def write(self, work: Callable[[Connection, Caller], T]) -> T:
        """Have `work` change accounts, for the caller."""
        caller = await self.caller()
        return await self.front.accounts.write_soon(lambda connection: work(connection, caller))

    def now(self) -> datetime:
        """The moment."""
        return self.front.clock.now()


def lazily(make: Callable[[], Any]) -> Answering:
    """A field without arguments that is worked out only when somebody asks for it."""

    def answer(_info: object) -> Any:
        return make()

    return answer
