"""The playground's door: the inference door, for whoever is logged in to the console, at a path that names the project.

The answer is the door's own on the caller's own connection: nothing is gathered, and a browser that leaves stops the
engine. A key is welcome as well, and judged as at `/v1`. Invariant: a cookie counts only where the console itself sent
the request (`identity/login/cookie.py`).
"""

from collections.abc import Coroutine
from dataclasses import dataclass, replace

from fastapi import Request

from weft.app.door_exchange import DoorExchange
from weft.app.evals.outside import with_outside
from weft.app.traces.paths import project_of
from weft.evals.providers.book import ProviderBook
from weft.gateway.exchange import Exchange
from weft.gateway.flow import InferenceDoor
from weft.gateway.tracing.kinds import PLAYGROUND
from weft.gateway.tracing.recorder import Recorder, Tracing
from weft.identity.projects.console import Callers
from weft.identity.projects.gate import Credentials, ProjectGate
from weft.identity.types import Principal
from weft.traces.routes.desk import credentials

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class ConsoleCallers:
    """Says who is calling by a key, else by the cookie of a session: implements `Callers` for one request."""

    keys: Callers
    sessions: ProjectGate
    headers: Headers
    project: str

    def find(self, authorization: bytes, project: bytes) -> Principal | None:
        """Who is calling, if it is known already: for keys only."""
        return self.keys.find(authorization, project) if authorization else None

    async def authorize(self, authorization: bytes, project: bytes) -> Principal:
        """Who is calling.

        Raises:
            WeftError: nobody who may, or another site sent this.
        """
        if authorization:
            return await self.keys.authorize(authorization, project)
        session = self._credentials().session
        return await self.sessions.session_principal(session, self.project)

    def _credentials(self) -> Credentials:
        scope = {"type": "http", "method": "POST", "path": "/", "headers": self.headers}
        return credentials(Request(scope))


class PlaygroundDoor:
    """Answers the chats of the playground."""

    def __init__(
        self,
        door: InferenceDoor,
        sessions: ProjectGate,
        recorder: Recorder,
        book: ProviderBook,
    ) -> None:
        self._door = replace(door, tracing=Tracing(recorder, PLAYGROUND))
        self._sessions = sessions
        self._book = book

    def __call__(self, exchange: Exchange) -> Coroutine[None, None, None]:
        """Answer one request. Never raises: the door is the request's edge."""
        assert isinstance(exchange, DoorExchange), "only a connection knows the path"
        project = project_of(exchange.path)
        kept = [pair for pair in exchange.headers if pair[0] != b"openai-project"]
        exchange.headers = [*kept, (b"openai-project", project)]
        callers = ConsoleCallers(
            self._door.gate, self._sessions, exchange.headers, project.decode(errors="replace")
        )
        door = with_outside(self._door, self._book, exchange.payload)
        return replace(door, gate=callers)(exchange)
