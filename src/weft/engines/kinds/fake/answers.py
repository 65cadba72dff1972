"""The deterministic engine for tests and demos: what it answers, and how it can be told to misbehave.

Pure: bytes of a request in, an answer out; `child.py` serves it over HTTP. A token is a word with the blanks after
it. The answer repeats the words of the last user message, so a test can say what it expects. Switches come from the
card (`behaviour = "delay_ms=5,chunk_tokens=1"`) and, for one request, from its last user message:
`[[fake: stall_ms=500 usage=off]] Hello`. Invariant: the same request and the same switches give the same bytes.
"""

import dataclasses
import itertools
import json
import re
import sys
from dataclasses import dataclass
from typing import Any

import msgspec

from weft.engines.kinds.fake.asked import (
    Function,
    Message,
    ResponseFormat,
    StreamOptions,
    Tool,
    ToolChoice,
)
from weft.engines.kinds.fake.broken import parse_broken
from weft.kit.errors import Json

_DIRECTIVE = re.compile(r"\[\[fake:([^\]]*)\]\]\s*")
_PIECE = re.compile(r"\S+\s*")
_ARGUMENT = re.compile(r"(\w+)=(\S+)")
_ARGUMENT_PIECE_CHARS = 8
IMAGE_TOKENS = 16
_OFF = frozenset({"off", "no", "false", "0"})


@dataclass(frozen=True, slots=True)
class Switches:
    """How the engine behaves. Counts are of tokens already sent; -1 means never."""

    delay_ms: int = 0
    """Before each chunk."""
    stall_ms: int = 0
    """One long wait: before the head, or within the stream if `stall_after` says so."""
    stall_after: int = -1
    fail_status: int = 0
    """Answer with this status and an error."""
    retry_after: int = 0
    """Seconds, sent along with `fail_status`."""
    die_after: int = -1
    """The process ends in the middle of the answer."""
    truncate_after: int = -1
    """The connection closes in the middle of the answer."""
    error_after: int = -1
    """An event that carries an error, then the end."""
    error_event: bool = False
    """The same after the first token."""
    tokens: int = 0
    """Length of the answer: the words go round."""
    chunk_tokens: int = 1
    """Tokens in each chunk."""
    reasoning: int = 0
    """Tokens of `reasoning_content` before the answer, unless the request's `enable_thinking` is false."""
    thinks: bool = True
    """Off: only where `enable_thinking` is true."""
    vision: bool = False
    """Read images, each of them as `IMAGE_TOKENS`; otherwise they are passed over."""
    broken: str = ""
    """Defects, with a plus between them: `broken.py`."""
    cached: int = 0
    """Prompt tokens that are said to come from the cache."""
    context: int = 0
    """Refuse longer prompts, in llama.cpp's way; 0: never."""
    usage: bool = True
    """Tell the usage when asked for it."""
    timings: bool = False
    """Tell running counts with each chunk, in llama.cpp's way."""
    done: bool = True
    """Send `[DONE]`."""
    odd_chunks: bool = False
    """Cut the stream at odd places, also inside a character."""
    unicode: bool = False
    """Words with characters of two and four bytes."""
    huge_bytes: int = 0
    """The first chunk carries so much."""
    adapter: str = ""
    """Said before each answer: the adapter that the engine was started with."""
    hot_adapters: bool = True
    """Take adapters while it runs, in vLLM's way."""
    comments: bool = False
    """An SSE comment before each event."""
    crlf: bool = False
    """SSE lines end in CR LF."""
    garbage: bool = False
    """An event that is no JSON, after the first token."""
    tokenize: bool = True
    """Offer `POST /tokenize`."""
    tokenize_ms: int = 0
    """It takes so long."""
    keep_alive: bool = True
    """Off: close after each answer without having said so."""
    # At the start of the process:
    start_delay_ms: int = 0
    """Between the announcement and readiness."""
    start_jitter_ms: int = 0
    """At most so much more, by chance: as disks and caches are."""
    never_ready: bool = False
    no_announce: bool = False
    exit_code: int = -1
    """End at once, with this code."""
    ignore_sigterm: bool = False
    grandchild: bool = False
    """Start a process that outlives this one unless somebody ends the group."""


def parse_switches(text: str, base: Switches | None = None) -> Switches:
    """Read `name=value` or `name` pairs, separated by commas or blanks, on top of `base`.

    Raises:
        ValueError: a switch does not exist or its value is of the wrong kind.
    """
    base = base or Switches()
    given: dict[str, int | bool | str] = {}
    for item in text.replace(",", " ").split():
        name, equals, value = item.partition("=")
        if name not in Switches.__slots__:
            raise ValueError(f"the fake engine has no switch {name!r}")
        held: object = getattr(base, name)
        if name == "broken":
            parse_broken(value)
        if isinstance(held, bool):
            given[name] = value not in _OFF if equals else True
        elif isinstance(held, str):
            given[name] = value
        else:
            given[name] = int(value)
    return dataclasses.replace(base, **given)


# What is asked.


class Question(msgspec.Struct, kw_only=True):
    """A request, as far as the fake looks at it."""

    model: str = "fake"
    messages: list[Message]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stop: str | list[str] | None = None
    n: int | None = None
    seed: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    tools: list[Tool] | None = None
    tool_choice: str | ToolChoice | None = None
    response_format: ResponseFormat | None = None
    temperature: float | None = None
    chat_template_kwargs: dict[str, Any] | None = None

    @property
    def images(self) -> int:
        """How many there are in all messages."""
        parts = [message.content for message in self.messages if isinstance(message.content, list)]
        return sum(part.type == "image_url" for content in parts for part in content)

    def prompt_as_read(self, switches: Switches) -> int:
        """Its tokens, images among them where they are looked at."""
        return self.prompt_tokens + (IMAGE_TOKENS * self.images if switches.vision else 0)

    @property
    def directive(self) -> str:
        """The switches that the last user message asks for."""
        found = _DIRECTIVE.search(self._last_user_text())
        return found[1] if found else ""

    @property
    def said(self) -> str:
        """The last user message without its switches."""
        return _DIRECTIVE.sub("", self._last_user_text())

    @property
    def prompt_tokens(self) -> int:
        """Words of all messages, without switches; at least one."""
        return max(1, sum(count_tokens(text) for text in self.texts()))

    def texts(self) -> list[str]:
        """What all messages say, without switches."""
        return [_DIRECTIVE.sub("", message.text) for message in self.messages]

    def _last_user_text(self) -> str:
        users = (message.text for message in reversed(self.messages) if message.role == "user")
        return next(users, "")


# What is answered.


@dataclass(frozen=True, slots=True)
class Answer:
    """One choice. Every string in `reasoning` and `pieces` is a token."""

    reasoning: tuple[str, ...]
    pieces: tuple[str, ...]
    """Of the content or, for a call, of the arguments."""
    tool: str
    """The tool that is called, or empty."""
    finish_reason: str

    @property
    def tokens(self) -> int:
        """How many were produced."""
        return len(self.reasoning) + len(self.pieces)


def count_tokens(text: str) -> int:
    """Words."""
    return len(text.split())


def compose(question: Question, index: int, switches: Switches) -> Answer:
    """The choice number `index`."""
    limit = question.max_completion_tokens or question.max_tokens or sys.maxsize
    told = (question.chat_template_kwargs or {}).get("enable_thinking", switches.thinks)
    thoughts = switches.reasoning if told else 0
    reasoning = tuple(f"thought{number} " for number in range(thoughts))[:limit]
    limit -= len(reasoning)
    tool = _called_tool(question)
    if tool is not None:
        arguments = json.dumps(_instance(tool.parameters, dict(_ARGUMENT.findall(question.said))))
        step = _ARGUMENT_PIECE_CHARS
        pieces = tuple(arguments[at : at + step] for at in range(0, len(arguments), step))
        finish = "tool_calls" if len(pieces) <= limit else "length"
        return Answer(reasoning, pieces[:limit], tool.name, finish)
    text = _structured(question) or _echo(question, index, switches)
    pieces = tuple(_PIECE.findall(_cut_at_stop(text, question.stop)))
    return Answer(reasoning, pieces[:limit], "", "length" if len(pieces) > limit else "stop")


def _echo(question: Question, index: int, switches: Switches) -> str:
    words = question.said.split() or ["nothing"]
    turn = ((question.seed or 0) + index) % len(words)
    words = words[turn:] + words[:turn]
    if switches.tokens:
        words = list(itertools.islice(itertools.cycle(words), switches.tokens))
    if switches.unicode:
        words = [f"{word}é🧵" for word in words]
    if switches.adapter:
        words.insert(0, f"[{switches.adapter}]")
    if switches.huge_bytes:
        words.insert(0, "x" * switches.huge_bytes)
    return " ".join(words)


def _structured(question: Question) -> str:
    wanted = question.response_format
    if wanted is None or wanted.type == "text":
        return ""
    if wanted.type == "json_schema" and wanted.json_schema is not None:
        given = dict(_ARGUMENT.findall(question.said))
        return json.dumps(_instance(wanted.json_schema.schema, given), ensure_ascii=False)
    return json.dumps({"answer": question.said}, ensure_ascii=False)


def _called_tool(question: Question) -> Function | None:
    """The tool that must be called, or the first one that the message names."""
    tools = [tool.function for tool in question.tools or []]
    choice = question.tool_choice
    if isinstance(choice, ToolChoice):
        return next((tool for tool in tools if tool.name == choice.function.name), None)
    if choice == "none" or not tools:
        return None
    if choice == "required":
        return tools[0]
    return next((tool for tool in tools if tool.name in question.said), None)


def _instance(schema: dict[str, Json], given: dict[str, str]) -> Json:
    """The smallest value that fits a JSON schema; members called like a key of `given` get its value."""
    if "const" in schema:
        return schema["const"]
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    properties = schema.get("properties")
    match schema.get("type", "object" if isinstance(properties, dict) else "string"):
        case "object":
            members = properties if isinstance(properties, dict) else {}
            return {
                name: _member(member if isinstance(member, dict) else {}, given.get(name), given)
                for name, member in members.items()
            }
        case "array":
            return []
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return "text"


def _member(schema: dict[str, Json], value: str | None, given: dict[str, str]) -> Json:
    if value is None:
        return _instance(schema, given)
    return int(value) if schema.get("type") == "integer" and value.isdigit() else value


def _cut_at_stop(text: str, stop: str | list[str] | None) -> str:
    stops = [stop] if isinstance(stop, str) else stop or []
    places = [at for at in (text.find(word) for word in stops if word) if at >= 0]
    return text[: min(places, default=len(text))]
