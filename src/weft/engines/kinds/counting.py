"""How many tokens a prompt has, as its engine counts: asked of the engine itself, beside its queue.

Owns the questions, one way for each kind of engine, and their bounds: no question takes longer than `TIMEOUT_S`, no
more than `AT_ONCE` are put to an engine at the same time, and a way that an engine does not have is tried once. Knows
nothing of money. Invariant: `count` gives the number of prompt tokens that the engine will report for the same
request, or one that is a little higher (`SPARE_TOKENS`), or None; it never raises.

Sources: llama.cpp, tools/server/README.md, `POST /apply-template` and `POST /tokenize` (read 2026-11; tried on b11549:
the chat's own prompt is tokenised with `add_special` and `parse_special`); vLLM, vllm/entrypoints/serve/tokenize
(`TokenizeChatRequest` and `TokenizeResponse`, read 2026-11).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec
import structlog
from msgspec import Raw, json

from weft.upstream import HeadTemplate, Pool, UpstreamError

TIMEOUT_S = 2.0
AT_ONCE = 2
"""Questions to one engine at the same time; more wait for their turn, within their own time."""
MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""A token is written as a number of up to six digits, and stands for one byte at least."""
SPARE_TOKENS = 64
"""Added to the count of another's server, whose chat path may write a little more around the messages than the path
that is asked: vLLM renders gpt-oss with harmony's own library there, and with the template here."""

ABSENT_STATUSES = frozenset({401, 403, 404, 405, 501})

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

Post = Callable[[str, bytes], Awaitable[bytes]]
"""Sends a body to a path; gives the body of an answer with status 200."""
Ask = Callable[[Post, bytes], Awaitable[int | None]]
"""The count for the body of a chat completion; None where it cannot be had exactly."""


class _Unanswered(Exception):
    """The engine did not answer with success."""

    def __init__(self, path: str, status: int) -> None:
        super().__init__(f"{path} answered {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Counting:
    """One way to ask."""

    ask: Ask
    paths: tuple[str, ...]
    """What it asks, below the root of the server."""


class PromptCounter:
    """Counts prompts as one engine does, for as long as there is a link to it."""

    def __init__(self, counting: Counting, pool: Pool, head: Callable[[str], HeadTemplate]) -> None:
        """`head` renders the head of a POST to a path.

        Raises:
            ValueError: a path cannot be sent.
        """
        self._ask = counting.ask
        self._pool = pool
        self._heads: Mapping[str, HeadTemplate] = {path: head(path) for path in counting.paths}
        self._places = asyncio.Semaphore(AT_ONCE)
        self.is_absent = False
        """The engine has no such way."""

    async def count(self, body: bytes) -> int | None:
        """How many tokens the prompt of this chat completion has; `body` is what the engine would get."""
        if self.is_absent or len(body) > MAX_BODY_BYTES:
            return None
        try:
            async with asyncio.timeout(TIMEOUT_S), self._places:
                return None if self.is_absent else await self._ask(self._post, body)
        except _Unanswered as error:
            self.is_absent = error.status in ABSENT_STATUSES
            trouble = str(error)
        except msgspec.DecodeError as error:
            self.is_absent = True  # there is something else at that path
            trouble = f"its answer makes no sense: {error}"
        except UpstreamError as error:
            trouble = str(error)
        except TimeoutError:
            trouble = f"no answer within {TIMEOUT_S:g} s"
        _log.debug("prompt_not_counted", trouble=trouble, given_up=self.is_absent)
        return None

    async def _post(self, path: str, body: bytes) -> bytes:
        """The body of the answer.

        Raises:
            _Unanswered: its status is not 200.
            UpstreamError: the engine cannot be reached.
        """
        response = await self._pool.send(self._heads[path].render(len(body)), body)
        answer = await response.read(MAX_ANSWER_BYTES)
        if response.status != 200:
            raise _Unanswered(path, response.status)
        return answer


# What is looked at in a request.


class _Part(msgspec.Struct):
    type: str = ""


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None


class _Asked(msgspec.Struct):
    messages: list[_Message]


_ASKED = json.Decoder(_Asked)
_MEMBERS = json.Decoder(dict[str, Raw])


def _is_text(body: bytes) -> bool:
    """Whether nothing but text is in the messages."""
    try:
        messages = _ASKED.decode(body).messages
    except (msgspec.DecodeError, RecursionError):
        return False  # no request that the door would let through
    return all(
        part.type == "text"
        for message in messages
        if isinstance(message.content, list)
        for part in message.content
    )


# What is looked at in an answer.


class _Rendered(msgspec.Struct):
    prompt: str


class _Tokens(msgspec.Struct):
    tokens: list[Raw]


class _Count(msgspec.Struct):
    count: int


_RENDERED = json.Decoder(_Rendered)
_TOKENS = json.Decoder(_Tokens)
_COUNT = json.Decoder(_Count)


# llama.cpp: the prompt is rendered as for a chat, tools and all, and then tokenised.

_TEMPLATE, _TOKENIZE = "/apply-template", "/tokenize"


async def _ask_llama_cpp(post: Post, body: bytes) -> int | None:
    if not _is_text(body):
        return None
    prompt = _RENDERED.decode(await post(_TEMPLATE, body)).prompt
    text = json.encode({"content": prompt, "add_special": True, "parse_special": True})
    return len(_TOKENS.decode(await post(_TOKENIZE, text)).tokens)


LLAMA_CPP = Counting(_ask_llama_cpp, (_TEMPLATE, _TOKENIZE))


# The fake engine: it takes any chat completion.


async def _ask_fake(post: Post, body: bytes) -> int | None:
    return _COUNT.decode(await post(_TOKENIZE, body)).count


FAKE = Counting(_ask_fake, (_TOKENIZE,))


# OpenVINO's child: our own, it takes a chat completion, and counts as it does for one.


async def _ask_openvino(post: Post, body: bytes) -> int | None:
    return _COUNT.decode(await post(_TOKENIZE, body)).count if _is_text(body) else None


OPENVINO = Counting(_ask_openvino, (_TOKENIZE,))


# vLLM: it takes messages. Its older versions pass over tools without a word, and so would count too few.

_NO_WORD_OF_THE_PROMPT = frozenset(
    {
        *("stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "stop", "seed"),
        *("temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty"),
        *("repetition_penalty", "logit_bias", "logprobs", "top_logprobs", "ignore_eos"),
        *("user", "safety_identifier", "metadata", "store", "service_tier", "modalities"),
        *("prompt_cache_key", "cache_salt", "parallel_tool_calls", "min_tokens"),
    }
)
_ON_THE_PROMPT = frozenset({"model", "messages", "chat_template_kwargs"})
_NOTHING = frozenset({b"null", b"[]", b"{}"})


def vllm(path: str) -> Counting:
    """A server that may be a vLLM, whose `POST /tokenize` is at `path`."""

    async def ask(post: Post, body: bytes) -> int | None:
        if not _is_text(body):
            return None
        members = {
            name: value
            for name, value in _MEMBERS.decode(body).items()
            if name not in _NO_WORD_OF_THE_PROMPT and bytes(value) not in _NOTHING
        }
        if not members.keys() <= _ON_THE_PROMPT:
            return None
        members["add_generation_prompt"] = Raw(b"true")
        count = _COUNT.decode(await post(path, json.encode(members))).count
        return count + SPARE_TOKENS if count > 0 else None

    return Counting(ask, (path,))
