"""`POST /tokenize` and `POST /detokenize` as errands.

Owns how each kind of engine is asked. llama.cpp renders a conversation first and then cuts the text into tokens; vLLM
does both at once. Nothing is produced, so nothing is owed: such a request counts in limits of requests, and costs
nothing. Invariant: for a conversation the ids are those that a chat completion with the same members would begin with.
"""

from typing import Any, ClassVar, Self

import msgspec
from msgspec import DecodeError, Raw, Struct, json

from weft.engines.types import Endpoint, Route
from weft.gateway.errands.chat import ChatErrand
from weft.gateway.errands.form import Form
from weft.gateway.errands.tokens.shapes import (
    DetokenizeAnswer,
    DetokenizeRequest,
    TokenizeAnswer,
    TokenizeRequest,
)
from weft.gateway.estimate import Estimate, context_of
from weft.gateway.meter import Meter
from weft.gateway.relay import Relay
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.capabilities import unsupported
from weft.gateway.wire.malformed import invalid
from weft.gateway.wire.rewrite import Imprint
from weft.kit.errors import EngineFailed, Unprocessable

_TOKENIZE, _DETOKENIZE = Form(TokenizeRequest), Form(DetokenizeRequest)
_MEMBERS = json.Decoder(dict[str, Raw])
_OF_THE_PROMPT = ("model", "messages", "tools", "chat_template_kwargs")


class _Rendered(Struct):
    prompt: str


class _Tokens(Struct):
    tokens: list[int]


class _Text(Struct):
    content: str | None = None
    """llama.cpp's word for it."""
    prompt: str | None = None


_RENDERED, _TOKENS, _TEXT = json.Decoder(_Rendered), json.Decoder(_Tokens), json.Decoder(_Text)


class TokenErrand(msgspec.Struct, frozen=True):
    """See `Errand`: what both ways have in common."""

    model: str

    endpoint: ClassVar[Endpoint] = Endpoint.TOKENIZE
    is_countable: ClassVar[bool] = False

    @property
    def prompts(self) -> int:
        """See `Errand.prompts`."""
        return 1

    @property
    def said_in(self) -> str:
        """See `Errand.said_in`."""
        return "prompt"

    @property
    def is_stream(self) -> bool:
        """See `Errand.is_stream`."""
        return False

    def check(self, route: Route) -> None:
        """See `Errand.check`: every model has tokens."""

    def ignored(self, route: Route) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's signature
        """See `Errand.ignored`."""
        return ()

    def estimate(self, route: Route) -> Estimate:
        """See `Errand.estimate`."""
        return Estimate(
            text_bytes=0,
            prompt_tokens=0,
            output_tokens=0,
            choices=1,
            is_open=False,
            sends_limit=False,
            likely_tokens=0,
            context_tokens=context_of(route),
        )

    def steps(self, route: Route) -> tuple[Endpoint, ...]:  # noqa: ARG002 - the protocol's signature
        """See `Errand.steps`."""
        return (self.endpoint,)

    def next_body(self, raw: bytes) -> bytes:
        """See `Errand.next_body`."""
        raise NotImplementedError("it takes one step")

    def comes_whole(self, route: Route) -> bool:  # noqa: ARG002 - the protocol's signature
        """See `Errand.comes_whole`."""
        return True

    def imprint(self, route: Route, request_id: str, created: int) -> Imprint:  # noqa: ARG002
        """See `Errand.imprint`."""
        return Imprint()

    def relay(self, route: Route, imprint: Imprint, meters: list[Meter]) -> Relay:
        """See `Errand.relay`."""
        raise NotImplementedError("tokens come in one piece")


class TokenizeErrand(TokenErrand, frozen=True):
    """A text, or a conversation: as much of a chat completion as its prompt is made of."""

    prompt: str = ""
    adds_special: bool = True
    chat: ChatErrand | None = None

    @classmethod
    def read(cls, payload: bytes, bounds: Bounds) -> Self:
        """See `Read`."""
        request, members, unknown = _TOKENIZE.read(payload, bounds)
        for name in unknown:
            raise _unsupported(name)
        if request.add_generation_prompt is False:
            raise _unsupported("add_generation_prompt")
        has_messages = bool(bytes(request.messages))
        if has_messages == (request.prompt is not None):
            raise invalid(
                "Either 'prompt' or 'messages' must be given.", param="prompt", code="invalid_value"
            )
        if request.prompt is not None:
            special = request.add_special_tokens is not False
            return cls(request.model, request.prompt, special)
        chat = {name: members[name] for name in _OF_THE_PROMPT if name in members}
        return cls.of_chat(ChatErrand.read(json.encode(chat), bounds))

    @classmethod
    def of_chat(cls, chat: ChatErrand) -> Self:
        """The tokens of a chat completion's prompt."""
        return cls(chat.model, chat=chat)

    @property
    def said_in(self) -> str:
        """See `Errand.said_in`."""
        return self.chat.said_in if self.chat else "prompt"

    def check(self, route: Route) -> None:
        """See `Errand.check`."""
        if self.chat is None:
            return
        self.chat.check(route)
        for message in self.chat.request.messages:
            parts = message.content if isinstance(message.content, list) else []
            if any(part.type == "image_url" for part in parts):
                raise _unsupported(self.chat.said_in, "nobody counts what an image takes")

    def ignored(self, route: Route) -> tuple[str, ...]:
        """See `Errand.ignored`."""
        return self.chat.ignored(route) if self.chat else ()

    def steps(self, route: Route) -> tuple[Endpoint, ...]:
        """See `Errand.steps`."""
        if self.chat is not None and _renders(route):
            return (Endpoint.RENDER, Endpoint.TOKENIZE)
        return (Endpoint.TOKENIZE,)

    def bodies(
        self,
        route: Route,
        *,
        ignored: tuple[str, ...] = (),
        output_limit: int | None = None,  # noqa: ARG002 - there is no output
    ) -> tuple[bytes, ...]:
        """See `Errand.bodies`."""
        if self.chat is None:
            if _renders(route):
                return (_content(self.prompt, adds_special=self.adds_special),)
            asked: dict[str, Any] = {"model": route.served_model, "prompt": self.prompt}
            return (json.encode({**asked, "add_special_tokens": self.adds_special}),)
        body, *_ = self.chat.bodies(route, ignored=ignored)
        if _renders(route):
            return (body,)
        sent = _MEMBERS.decode(body)
        members = {name: sent[name] for name in _OF_THE_PROMPT if name in sent}
        members["add_generation_prompt"] = Raw(b"true")
        return (json.encode(members),)

    def next_body(self, raw: bytes) -> bytes:
        """See `Errand.next_body`."""
        try:
            return _content(_RENDERED.decode(raw).prompt, adds_special=True)
        except DecodeError as error:
            raise EngineFailed("the engine sent what is no prompt") from error

    def finish(self, route: Route, raw: bytes, imprint: Imprint, meter: Meter) -> bytes:  # noqa: ARG002
        """See `Errand.finish`."""
        try:
            tokens = _TOKENS.decode(raw).tokens
        except DecodeError as error:
            raise EngineFailed("the engine sent what are no tokens") from error
        return json.encode(TokenizeAnswer(len(tokens), context_of(route), tokens))


class DetokenizeErrand(TokenErrand, frozen=True):
    """Token ids whose text is wanted."""

    tokens: list[int]

    endpoint: ClassVar[Endpoint] = Endpoint.DETOKENIZE

    @classmethod
    def read(cls, payload: bytes, bounds: Bounds) -> Self:
        """See `Read`."""
        request, _, unknown = _DETOKENIZE.read(payload, bounds)
        for name in unknown:
            raise _unsupported(name)
        return cls(request.model, request.tokens)

    @property
    def said_in(self) -> str:
        """See `Errand.said_in`."""
        return "tokens"

    def bodies(
        self,
        route: Route,
        *,
        ignored: tuple[str, ...] = (),  # noqa: ARG002 - the protocol's signature
        output_limit: int | None = None,  # noqa: ARG002 - the same
    ) -> tuple[bytes, ...]:
        """See `Errand.bodies`."""
        return (json.encode({"model": route.served_model, "tokens": self.tokens}),)

    def finish(self, route: Route, raw: bytes, imprint: Imprint, meter: Meter) -> bytes:  # noqa: ARG002
        """See `Errand.finish`."""
        try:
            told = _TEXT.decode(raw)
        except DecodeError as error:
            raise EngineFailed("the engine sent what is no text") from error
        return json.encode(DetokenizeAnswer(told.content or told.prompt or ""))


def _renders(route: Route) -> bool:
    """Whether the engine is asked in llama.cpp's way."""
    return Endpoint.RENDER in route.quirks.endpoints


def _content(text: str, *, adds_special: bool) -> bytes:
    asked = {"content": text, "add_special": adds_special, "parse_special": True}
    return json.encode(asked)


def _unsupported(param: str, reason: str = "") -> Unprocessable:
    because = f": {reason}" if reason else ""
    return unsupported(
        param[:64], f"'{param[:64]}' is not supported here{because}.", remedy="Leave it out."
    )
