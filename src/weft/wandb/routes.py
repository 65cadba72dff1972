"""`/graphql`, the files of runs, and the exchange of identity tokens, which is refused."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from weft.kit.clock import to_us
from weft.kit.errors import InvalidRequest, WeftError
from weft.traces.json_text import decode
from weft.traces.routes.desk import credentials, json_answer, trace_router
from weft.traces.types import ProjectKey
from weft.wandb.answer import GraphQLRequest, answer, error_entry, load_schema
from weft.wandb.front import Front, Visit
from weft.wandb.roots import roots
from weft.wandb.runs.history import write_steps
from weft.wandb.runs.store import RunChange, change_run

_SUMMARY = "wandb-summary.json"
_HISTORY = "wandb-history.jsonl"


class StreamedFile(msgspec.Struct):
    """Lines of one file, from a line on."""

    content: list[str] = []
    offset: int = 0


class FileStream(msgspec.Struct):
    """What a running run sends every few seconds."""

    files: dict[str, StreamedFile] = {}
    complete: bool | None = None
    exitcode: int | None = None


class NoIdentityTokens(InvalidRequest):
    """Identity tokens are not exchanged here."""

    code = "unsupported_grant_type"
    remedy = "Unset WANDB_IDENTITY_TOKEN_FILE and set WANDB_API_KEY; `weft key create` makes a key."


def router(front: Front) -> APIRouter:
    """The routes that wandb's clients know beside the trace server's."""
    routes = trace_router(tags="wandb")
    schema = load_schema()

    @routes.post("/graphql")
    async def graphql(request: Request) -> Response:
        """Accounts, projects and runs, in GraphQL. Errors come as `errors` with HTTP 200."""
        try:
            asked = decode(await request.body(), GraphQLRequest)
            base_url = front.public_url or str(request.base_url).rstrip("/")
            visit = Visit(front, credentials(request), base_url)
        except WeftError as error:
            return json_answer({"errors": [error_entry(error)]}, error.status)
        return json_answer(await answer(schema, roots(visit), asked))

    @routes.post("/files/{entity}/{project}/{run}/file_stream")
    async def file_stream(request: Request, entity: str, project: str, run: str) -> Response:
        """A run's own stream: its history, its summary and its end are kept."""
        body = decode(await request.body(), FileStream)
        visitor = await front.gate.enter(credentials(request), f"{entity}/{project}")
        visitor.may_write()
        change = _change(body)
        change.check()
        now_us = to_us(front.clock.now())
        history = body.files.get(_HISTORY) or StreamedFile()

        def keep(connection: Connection, key: ProjectKey) -> None:
            change_run(connection, key, run, change, now_us)
            write_steps(connection, key, run, history.offset, history.content)

        await front.store.change(visitor.project_id, keep)
        return json_answer({})

    @routes.post("/oidc/token")
    async def token() -> Response:
        """Always refused, with the way to log in that there is."""
        refusal = NoIdentityTokens("This server does not exchange identity tokens")
        body: dict[str, Any] = {"error": refusal.code, **error_entry(refusal)}
        return json_answer({**body, "error_description": body["message"]}, refusal.status)

    _ = (graphql, file_stream, token)
    return routes


def _change(body: FileStream) -> RunChange:
    summary, history = body.files.get(_SUMMARY), body.files.get(_HISTORY)
    state = None
    if body.complete:
        state = "failed" if body.exitcode else "finished"
    return RunChange(
        state=state,
        summary=summary.content[-1] if summary and summary.content else None,
        history_lines=history.offset + len(history.content) if history else None,
    )
