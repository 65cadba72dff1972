"""`/api/receipts`, `/api/statements` and the public keys that they are checked with.

The keys are for everybody; a receipt is for who may see the request's usage; a statement for the team's admins.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, StreamingResponse

from weft.identity.types import User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import NotFound
from weft.ledger.proof.keys import Signer, key_set, list_keys
from weft.ledger.proof.receipt import read_receipt, sign
from weft.ledger.proof.statement import Statement, find_month
from weft.ledger.rights import team_to_read
from weft.ledger.usage.store import find_usage
from weft.ledger.usage.visibility import may_see

KEYS_PATH = "/.well-known/weft-signing-keys.json"
LINES = "application/x-ndjson"


def router(
    database: Database,
    signed_in: Callable[..., Awaitable[User]],
    signer: Signer,
    clock: Clock,
) -> APIRouter:
    """The routes; `signed_in` is a FastAPI dependency that yields who asks, or refuses."""
    routes = APIRouter(tags=["proof"])

    @routes.get(KEYS_PATH)
    async def show_keys() -> dict[str, Any]:
        """The public keys of receipts and statements, also earlier ones, as a JSON Web Key Set."""
        return key_set(await database.read_soon(list_keys))

    @routes.get("/api/receipts/{request_id}")
    async def show_receipt(
        caller: Annotated[User, Depends(signed_in)], request_id: str
    ) -> JSONResponse:
        """What one request used and cost, with its place in the ledger's chain, signed."""
        record = await database.read_soon(lambda c: find_usage(c, request_id))
        if record is None or not await database.read_soon(lambda c: may_see(c, caller, record)):
            raise NotFound(f"no request {request_id[:64]} that you may see")
        receipt = await database.read_soon(lambda c: read_receipt(c, request_id))
        now = clock.now()
        key = await asyncio.to_thread(signer.key, now)
        return JSONResponse(sign(receipt, key, now))

    @routes.get("/api/statements/{team}/{month}", response_class=StreamingResponse)
    async def show_statement(
        caller: Annotated[User, Depends(signed_in)], team: str, month: str
    ) -> StreamingResponse:
        """Everything that was posted for a team in a month such as `2026-11`: lines of JSON, the last one signed."""
        now = clock.now()
        found = await database.read_soon(lambda c: team_to_read(c, caller, team, as_admin=True))
        span = await database.read_soon(lambda c: find_month(c, month, now))
        name = f"{found.name}-{span.name}.jsonl"
        statement = Statement(found.id, found.name, span)
        first = await database.read_soon(lambda c: statement.begin(c) + statement.more(c))
        return StreamingResponse(
            lines(first, statement),
            media_type=LINES,
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    async def lines(first: bytes, statement: Statement) -> AsyncIterator[bytes]:
        """Each part in a snapshot of its own, so that nothing waits for a slow reader."""
        yield first
        while part := await database.read_soon(statement.more):
            yield part
        key = await asyncio.to_thread(signer.key, clock.now())
        yield await database.read_soon(lambda c: statement.end(c, key))

    _ = (show_keys, show_receipt, show_statement)
    return routes
