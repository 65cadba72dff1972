"""The OpenAPI description of the inference doors, which FastAPI cannot see because they take no route.

Its shapes are those that the doors really decode and encode. The routes that are added here also make other
methods on a door's path a 405 rather than a 404; a POST reaches it only when its path is spelled in another way.
"""

from dataclasses import dataclass
from typing import Any, NoReturn

import msgspec
from fastapi import FastAPI

from weft.gateway.dialects.messages.shapes import AnswerMessage, MessagesRequest, TokenCount
from weft.gateway.dialects.responses.shapes import Response, ResponsesRequest
from weft.gateway.errands.completions.shapes import CompletionRequest, TextCompletion
from weft.gateway.errands.embeddings.errand import EmbeddingList, EmbeddingRequest
from weft.gateway.errands.tokens.shapes import (
    DetokenizeAnswer,
    DetokenizeRequest,
    TokenizeAnswer,
    TokenizeRequest,
)
from weft.gateway.idempotency.types import KEY_HEADER, KEY_LIMIT_CHARS
from weft.gateway.wire.types import ChatRequest, Completion
from weft.kit.errors import NotFound
from weft.kit.routes.schema import documented, json_schema

CHAT_PATH = "/v1/chat/completions"
COMPLETIONS_PATH = "/v1/completions"
EMBEDDINGS_PATH = "/v1/embeddings"
MESSAGES_PATH = "/v1/messages"
RESPONSES_PATH = "/v1/responses"
COUNT_PATH = "/v1/messages/count_tokens"
TOKENIZE_PATH = "/tokenize"
DETOKENIZE_PATH = "/detokenize"
PLAYGROUND_PATH = "/api/playground/{team}/{project}/chat/completions"

_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"description": "The request is malformed; `error.param` names the place."},
    401: {"description": "The key, team or project is not valid."},
    403: {"description": "The key may not do this, or not from here."},
    404: {"description": "There is no such model here."},
    409: {
        "description": "The answer for this `Idempotency-Key` is still being made, or too large to be kept."
    },
    413: {"description": "The body is too large."},
    422: {"description": "This model cannot do what a parameter asks."},
    429: {"description": "A limit was reached; `error.metadata` says which, and what to do."},
    502: {"description": "The engine failed."},
    503: {"description": "Overloaded; retry after `Retry-After` seconds."},
    504: {"description": "The engine was silent for too long."},
}

_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": KEY_HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LIMIT_CHARS},
    "description": (
        "The same key with the same request gives the same answer for 24 hours, made and charged once;"
        " such an answer has the headers `idempotent-replayed` and `x-weft-original-request-id`."
        " The same key with another request is a 400."
    ),
}

TAGS = [
    {"name": "inference", "description": "The OpenAI API: any OpenAI client works."},
    {"name": "catalog", "description": "What can be served, what it costs and needs. No key."},
    {
        "name": "models",
        "description": "Models looked at, downloaded and added, and how fast they are.",
    },
    {"name": "identity", "description": "Who you are, your keys, and ways to log in."},
    {"name": "usage", "description": "What was used and what it cost."},
    {"name": "credit", "description": "What teams have and owe."},
    {"name": "prices", "description": "What models cost, cost before, and will cost."},
    {"name": "proof", "description": "Signed receipts and statements, and the keys to check them."},
    {"name": "limits", "description": "What you may use, what is left, and why you were refused."},
    {"name": "billing", "description": "Purchases, caps and alerts at a glance, and invoices."},
    {
        "name": "engines",
        "description": "What runs, loading and unloading it. For admins of the server.",
    },
    {
        "name": "traces",
        "description": "The Weave client's own routes: calls, objects, feedback, costs.",
    },
    {
        "name": "evaluations",
        "description": "Evaluations and their results, runs on the server, playground completions, leaderboards.",
    },
    {
        "name": "playground",
        "description": "What the console's playground asks: chats, providers of one's own, saved models, history.",
    },
    {"name": "operations", "description": "Health and metrics."},
]


KEYED = frozenset({TOKENIZE_PATH, DETOKENIZE_PATH})
"""Paths outside of `/v1` and `/api` that want a key."""


def describe_key(app: FastAPI) -> None:
    """Have the description say how a key is sent, on every path that wants one."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        described = plain()
        schemes = described.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["key"] = {"type": "http", "scheme": "bearer", "description": "An API key."}
        for path, operations in described["paths"].items():
            if path.startswith(("/v1/", "/api/")) or path in KEYED:
                for operation in operations.values():
                    operation["security"] = [{"key": []}]
        return described

    app.openapi = openapi


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


_OF_PLAYGROUND: tuple[dict[str, Any], ...] = (
    _in_path("team"),
    _in_path("project"),
    {
        "name": "X-Weft-Trace",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "enum": ["off", "metadata", "full"]},
        "description": "How much of the chat is kept in the project's traces; all of it if a session says nothing.",
    },
)


@dataclass(frozen=True, slots=True)
class Described:
    """One door, for people and programs."""

    path: str
    summary: str
    description: str
    request: type[msgspec.Struct]
    answer: type[msgspec.Struct]
    stream: str = ""
    """What comes with `stream: true`, if anything does."""
    tag: str = "inference"
    parameters: tuple[dict[str, Any], ...] = (_IDEMPOTENCY_KEY,)


DOORS = (
    Described(
        CHAT_PATH,
        "Create a chat completion",
        "OpenAI's chat completions. `OpenAI-Project: team/project` is optional.",
        ChatRequest,
        Completion,
        stream="server-sent events that end in `[DONE]`",
    ),
    Described(
        COMPLETIONS_PATH,
        "Create a completion",
        "OpenAI's plain completions: the prompt goes on as the model would write it. `max_tokens` is 16 if not given.",
        CompletionRequest,
        TextCompletion,
        stream="server-sent events that end in `[DONE]`",
    ),
    Described(
        EMBEDDINGS_PATH,
        "Create embeddings",
        "OpenAI's embeddings, for models that make them.",
        EmbeddingRequest,
        EmbeddingList,
    ),
    Described(
        RESPONSES_PATH,
        "Create a response",
        "OpenAI's Responses without their store: `store: true` and what needs one are refused by name.",
        ResponsesRequest,
        Response,
        stream="OpenAI's events, from `response.created` to `response.completed`",
    ),
    Described(
        MESSAGES_PATH,
        "Create a message",
        "Anthropic's Messages. The key may come in `x-api-key`; errors have Anthropic's shape.",
        MessagesRequest,
        AnswerMessage,
        stream="Anthropic's events, from `message_start` to `message_stop`",
    ),
    Described(
        COUNT_PATH,
        "Count the tokens of a message",
        "Anthropic's count: how many input tokens a message with this body would have. Costs nothing.",
        MessagesRequest,
        TokenCount,
    ),
    Described(
        PLAYGROUND_PATH,
        "Chat in the playground",
        "A chat completion for whoever is logged in: metered, limited and traced as at `/v1/chat/completions`, for the"
        " project in the path. `x-request-id` is the id of the usage record, the ledger entry and the call.",
        ChatRequest,
        Completion,
        stream="server-sent events that end in `[DONE]`",
        tag="playground",
        parameters=_OF_PLAYGROUND,
    ),
    Described(
        TOKENIZE_PATH,
        "Cut a text into tokens",
        "vLLM's form: `prompt`, or `messages` as in a chat completion. Costs nothing.",
        TokenizeRequest,
        TokenizeAnswer,
    ),
    Described(
        DETOKENIZE_PATH,
        "Put tokens together",
        "vLLM's form: the text of token ids. Costs nothing.",
        DetokenizeRequest,
        DetokenizeAnswer,
    ),
)


def describe_doors(app: FastAPI) -> None:
    """Add what takes no route to the app's description."""
    for door in DOORS:
        _describe(app, door)


def _describe(app: FastAPI, door: Described) -> None:
    ok = documented(door.answer)[200]
    ok["description"] = "The answer."
    if door.stream:
        ok["description"] = f"The answer; with `stream: true`, {door.stream}."
        ok["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    request = json_schema(door.request)
    assert isinstance(request, dict)
    properties = request["properties"]
    assert isinstance(properties, dict)
    properties.pop("(unknown)", None)

    def misspelled() -> NoReturn:
        # The server hands this path to the door before any route is looked up: this one was spelled in another way.
        raise NotFound(
            "The requested resource was not found",
            remedy=f"the path is {door.path}, letter by letter",
        )

    app.add_api_route(
        door.path,
        misspelled,
        methods=["POST"],
        name=door.path,
        response_model=None,
        tags=[door.tag],
        summary=door.summary,
        description=door.description,
        responses={200: ok, **_RESPONSES},
        openapi_extra={
            "parameters": list(door.parameters),
            "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
        },
    )
