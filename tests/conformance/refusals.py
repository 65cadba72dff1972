"""Every refusal: what is tried with the real client, and what must come of it, in the hosted service's words.

One row for each entry of the hosted service's table that this server has a cause for, and for what else can go wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import openai
from openai.types.chat import ChatCompletionMessageParam

from conformance.server import ECHO, TEAM, TINY

INVALID = "Invalid Authentication"
NOT_FOUND = "The requested resource was not found"
OVERLOADED = "The engine is currently overloaded, please try again later"
PERSONAL = (
    "W&B Inference isn't available for personal accounts. "
    "Please switch to a non-personal account to access W&B Inference."
)

Attempt = Callable[[openai.OpenAI], object]


@dataclass(frozen=True, slots=True)
class Row:
    """What is tried, and what must come of it."""

    attempt: Attempt
    error: type[openai.APIStatusError]
    status: int
    code: str | None
    message: str
    """The start of it."""
    param: str | None = None


def user(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def chat(client: openai.OpenAI, text: str = "hello", *, model: str = ECHO, **extra: Any) -> object:
    return client.chat.completions.create(model=model, messages=user(text), extra_body=extra)


def fake(switches: str) -> str:
    return f"[[fake: {switches}]] hello"


def in_project(place: str) -> Attempt:
    return lambda client: chat(client.with_options(project=place))


def with_key(key: str) -> Attempt:
    return lambda client: chat(client.with_options(api_key=key))


ROWS = {
    "no key": Row(
        lambda c: c.models.list(extra_headers={"Authorization": openai.Omit()}),
        openai.AuthenticationError,
        401,
        "invalid_api_key",
        "Missing bearer authentication in header",
    ),
    "no key of ours": Row(
        with_key("no-key-of-this-server"),
        openai.AuthenticationError,
        401,
        "invalid_api_key",
        INVALID,
    ),
    "unknown team": Row(
        in_project("nobody/nothing"),
        openai.AuthenticationError,
        401,
        "invalid_project",
        INVALID,
        "OpenAI-Project",
    ),
    "unknown project": Row(
        in_project(f"{TEAM}/nothing"),
        openai.AuthenticationError,
        401,
        "invalid_project",
        INVALID,
        "OpenAI-Project",
    ),
    "malformed project": Row(
        in_project("no-slash"),
        openai.AuthenticationError,
        401,
        "invalid_project",
        INVALID,
        "OpenAI-Project",
    ),
    "personal entity": Row(
        in_project("admin/inference"),
        openai.RateLimitError,
        429,
        "personal_entity_unsupported",
        PERSONAL,
        "OpenAI-Project",
    ),
    "unknown model": Row(
        lambda c: chat(c, model="nobody/nothing"),
        openai.NotFoundError,
        404,
        "model_not_found",
        NOT_FOUND,
        "model",
    ),
    "model in other case": Row(
        lambda c: chat(c, model="WEFT/Tiny-Chat"),
        openai.NotFoundError,
        404,
        "model_not_found",
        f"{NOT_FOUND}: there is no model `WEFT/Tiny-Chat` here. Did you mean `{TINY}`?",
        "model",
    ),
    "retired model": Row(
        lambda c: chat(c, model="test/retired"),
        openai.NotFoundError,
        404,
        "model_not_found",
        f"{NOT_FOUND}: the model `test/retired` was retired on 2026-02-01. Use `{ECHO}` instead.",
        "model",
    ),
    "retrieved model": Row(
        lambda c: c.models.retrieve("nobody/nothing"),
        openai.NotFoundError,
        404,
        "model_not_found",
        NOT_FOUND,
        "model",
    ),
    "malformed JSON": Row(
        lambda c: c.post(
            "/chat/completions",
            cast_to=object,
            content=b'{"model": "test/echo", ',
            options={"headers": {"content-type": "application/json"}},
        ),
        openai.BadRequestError,
        400,
        "invalid_json",
        "The body is not valid JSON: it ends in the middle of a value",
    ),
    "no messages": Row(
        lambda c: c.post("/chat/completions", cast_to=object, body={"model": ECHO}),
        openai.BadRequestError,
        400,
        "missing_required_parameter",
        "'messages' is required.",
        "messages",
    ),
    "wrong type": Row(
        lambda c: chat(c, max_tokens="ten"),
        openai.BadRequestError,
        400,
        "invalid_type",
        "'max_tokens' must be a positive integer, but is a string.",
        "max_tokens",
    ),
    "out of range": Row(
        lambda c: chat(c, temperature=3),
        openai.BadRequestError,
        400,
        "invalid_value",
        "'temperature' must be a number from 0 to 2, but is 3.",
        "temperature",
    ),
    "wrong role": Row(
        lambda c: c.post(
            "/chat/completions",
            cast_to=object,
            body={"model": ECHO, "messages": [{"role": "boss", "content": "x"}]},
        ),
        openai.BadRequestError,
        400,
        "invalid_value",
        "'messages[0].role' must be one of",
        "messages[0].role",
    ),
    "prompt too long": Row(
        lambda c: chat(c, "word " * 20, model="test/short"),
        openai.BadRequestError,
        400,
        "context_length_exceeded",
        "This model's maximum context length is 8 tokens. However, your messages resulted in 20 tokens.",
        "messages",
    ),
    "prompt too long for llama.cpp": Row(
        lambda c: chat(c, "word " * 5000, model=TINY),
        openai.BadRequestError,
        400,
        "context_length_exceeded",
        "This model's maximum context length is 2048 tokens. However, your messages resulted in ",
        "messages",
    ),
    "unsupported parameter": Row(
        lambda c: chat(c, model="test/thinker", logprobs=True),
        openai.UnprocessableEntityError,
        422,
        "unsupported_parameter",
        "'logprobs' is not supported: test/thinker gives no log probabilities.",
        "logprobs",
    ),
    "unknown parameter": Row(
        lambda c: chat(c, model=TINY, temprature=1),
        openai.UnprocessableEntityError,
        422,
        "unknown_parameter",
        f"'temprature' is no parameter of {TINY}.",
        "temprature",
    ),
    "wrong method": Row(
        lambda c: c.get("/chat/completions", cast_to=object),
        openai.APIStatusError,
        405,
        "method_not_allowed",
        "GET is not allowed on /v1/chat/completions",
    ),
    "wrong path": Row(
        lambda c: c.images.generate(model=ECHO, prompt="x"),
        openai.NotFoundError,
        404,
        "not_found",
        f"{NOT_FOUND}: POST /v1/images/generations",
    ),
    "engine refuses": Row(
        lambda c: chat(c, fake("fail_status=500")),
        openai.InternalServerError,
        502,
        "engine_failed",
        "the engine failed to answer",
    ),
    "engine overloaded": Row(
        lambda c: chat(c, fake("fail_status=503")),
        openai.InternalServerError,
        503,
        "overloaded",
        OVERLOADED,
    ),
    "engine not there": Row(
        lambda c: chat(c, model="test/down"),
        openai.InternalServerError,
        502,
        "engine_failed",
        "the engine cannot be reached",
    ),
    "engine dies on every start": Row(
        lambda c: chat(c, model="test/broken"),
        openai.InternalServerError,
        503,
        "engine_down",
        "",
    ),
    "engine hangs up": Row(
        lambda c: chat(c, fake("truncate_after=0")),
        openai.InternalServerError,
        502,
        "engine_failed",
        "the engine stopped before the answer was complete",
    ),
}
SMALL_ROWS = {
    "engine silent": Row(
        lambda c: chat(c, fake("stall_ms=5000")),
        openai.InternalServerError,
        504,
        "engine_timeout",
        "the engine was silent for too long",
    ),
    "body too large": Row(
        lambda c: chat(c, "x" * 70_000),
        openai.APIStatusError,
        413,
        "payload_too_large",
        "the request's body is over 65536 bytes",
    ),
    "body far too large": Row(
        lambda c: chat(c, "x" * 8_000_000),
        openai.APIStatusError,
        413,
        "payload_too_large",
        "the request's body is over 65536 bytes",
    ),
    "nothing to run it with": Row(
        lambda c: chat(c, model="openai/gpt-oss-20b"),
        openai.NotFoundError,
        404,
        "model_not_found",
        f"{NOT_FOUND}: the model `openai/gpt-oss-20b` is in the catalog, and this server has nothing",
        "model",
    ),
}
