"""A GraphQL request answered: read, bounded, checked against the schema, run; errors in the clients' form.

Errors come with HTTP 200 and `errors`, as the clients expect of GraphQL: they retry any other status.
"""

import inspect
import logging
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import msgspec
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    execute,  # pyright: ignore[reportUnknownVariableType] - a middleware of any type
    parse,
    validate,
)

from weft.kit.errors import (
    InternalError,
    InvalidRequest,
    Json,
    NotAuthenticated,
    NotPermitted,
    WeftError,
)
from weft.wandb.bounds import TEXT_LIMIT_BYTES, TOKENS_LIMIT, QueryTooLarge, check_size

log = logging.getLogger(__name__)

DENIED = "PERMISSION_ERROR"
"""The code that `weave` takes for a refusal that no retry will change (`wandb_interface/project_creator.py`)."""
_ERRORS_SHOWN = 10


class BadQuery(InvalidRequest):
    """The query is no GraphQL, or asks for what the schema does not have."""

    code = "bad_query"
    remedy = "See docs/reference/weave-api.md for what this server knows"


class GraphQLRequest(msgspec.Struct):
    """The body of `POST /graphql`."""

    query: str
    variables: dict[str, Any] | None = None
    operationName: str | None = None  # noqa: N815 - GraphQL's own name


def load_schema() -> GraphQLSchema:
    """The schema of `schema.graphql`."""
    return build_schema((files("weft.wandb") / "schema.graphql").read_text("utf-8"))


async def answer(
    schema: GraphQLSchema, root: Mapping[str, Any], asked: GraphQLRequest
) -> dict[str, Any]:
    """What goes into the body: `data`, `errors` or both. `root` has a function for each field of Query and Mutation."""
    try:
        if len(asked.query) > TEXT_LIMIT_BYTES:
            raise QueryTooLarge(f"the query is longer than {TEXT_LIMIT_BYTES} bytes")
        document = parse(asked.query, max_tokens=TOKENS_LIMIT)
        check_size(document)
    except GraphQLError as error:
        return {"errors": [_shown(error)]}
    except WeftError as error:
        return {"errors": [error_entry(error)]}
    except RecursionError:
        return {"errors": [error_entry(QueryTooLarge("the query is nested too deeply"))]}
    invalid = validate(schema, document, max_errors=_ERRORS_SHOWN)
    if invalid:
        return {"errors": [_shown(error) for error in invalid]}
    result: Any = execute(
        schema,
        document,
        root_value=root,
        variable_values=asked.variables,
        operation_name=asked.operationName or None,  # one client sends an empty one
    )
    if inspect.isawaitable(result):
        result = await result
    assert isinstance(result, ExecutionResult)
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [_shown(error) for error in result.errors]
    return body


def error_entry(error: WeftError) -> dict[str, Json]:
    """An error of ours as one of `errors`, with what to do about it in the message."""
    remedy = error.metadata.get("remedy")
    message = f"{error.message.rstrip('.')}. {_capital(str(remedy))}" if remedy else error.message
    return {"message": message, "extensions": {"code": _code(error)}}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _code(error: WeftError) -> str:
    if isinstance(error, NotAuthenticated | NotPermitted):
        return DENIED
    return error.code or error.type


def _shown(error: GraphQLError) -> dict[str, Any]:
    """Of errors that are not ours, only those of the query itself are told; a defect is told to the log."""
    cause = error.original_error
    if isinstance(cause, WeftError):
        entry: dict[str, Any] = dict(error_entry(cause))
    elif cause is None:
        entry = dict(error_entry(BadQuery(error.message)))
    else:
        log.error("graphql_crashed", exc_info=cause)
        entry = dict(error_entry(InternalError("The server had an error while answering this")))
    if error.path:
        entry["path"] = list(error.path)
    return entry
