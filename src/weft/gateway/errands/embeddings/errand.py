"""`POST /v1/embeddings` as an errand, with its shapes: what a client sends, and what of an answer is looked at.

Owns what a request for embeddings may ask for. Vectors go on as the engine wrote them, so that no digit is lost. An
embedding has a prompt and produces nothing: what was read is all that it costs.

Source: OpenAI's API reference as typed in the `openai` client 3.52 (`openai/types/embedding*.py`, read 2026-11).
"""

from typing import Annotated, ClassVar, Literal, Self

import msgspec
from msgspec import DecodeError, Meta, Raw, Struct, json

from weft.engines.types import Endpoint, Route
from weft.gateway.errands.form import Form
from weft.gateway.errands.prompts import Text, likely_bytes, most_tokens, texts_of
from weft.gateway.estimate import BYTES_PER_TOKEN, Estimate, context_of
from weft.gateway.meter import Meter
from weft.gateway.relay import Relay
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.capabilities import unable, unknown_parameter
from weft.gateway.wire.rewrite import Imprint
from weft.gateway.wire.types import Count, Usage
from weft.kit.errors import EngineFailed

MOST_INPUTS = 2048
"""OpenAI's bound."""


class EmbeddingRequest(Struct, kw_only=True):
    """A request for embeddings. None means that the client did not say."""

    model: Annotated[str, Meta(min_length=1, max_length=512)]
    input: str | list[str | int | list[int]]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Count | None = None
    user: Annotated[str, Meta(max_length=512)] | None = None


class Embedding(Struct):
    """One vector: numbers, or their bytes in base64."""

    index: int
    embedding: list[float] | str
    object: str = "embedding"


class EmbeddingUsage(Struct):
    """Token counts."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(Struct):
    """The body of an answer."""

    data: list[Embedding]
    model: str
    usage: EmbeddingUsage
    object: str = "list"


class _Answer(Struct):
    """What there is to judge of an answer."""

    data: list[Raw]
    usage: Usage | None = None


_FORM = Form(EmbeddingRequest)
_STEPS = (Endpoint.EMBEDDINGS,)
_ANSWER = json.Decoder(_Answer)
_MEMBERS = json.Decoder(dict[str, Raw])


class EmbeddingErrand(msgspec.Struct, frozen=True):
    """See `Errand`."""

    request: EmbeddingRequest
    members: dict[str, Raw]
    unknown: tuple[str, ...]
    texts: list[Text]

    endpoint: ClassVar[Endpoint] = Endpoint.EMBEDDINGS
    is_countable: ClassVar[bool] = False

    @classmethod
    def read(cls, payload: bytes, bounds: Bounds) -> Self:
        """See `Read`."""
        request, members, unknown = _FORM.read(payload, bounds)
        return cls(request, members, unknown, texts_of(request.input, "input", MOST_INPUTS))

    @property
    def model(self) -> str:
        """See `Errand.model`."""
        return self.request.model

    @property
    def said_in(self) -> str:
        """See `Errand.said_in`."""
        return "input"

    @property
    def is_stream(self) -> bool:
        """See `Errand.is_stream`."""
        return False

    @property
    def prompts(self) -> int:
        """See `Errand.prompts`: they all go in one request."""
        return 1

    def check(self, route: Route) -> None:
        """See `Errand.check`."""
        known = route.quirks.parameters
        if known is None:
            return
        for name in self.unknown:
            raise unknown_parameter(route.asked.id, name, _FORM.fields)
        if self.request.dimensions is not None and "dimensions" not in known:
            raise unable(route.asked.id, "dimensions", "has vectors of one length only")

    def ignored(self, route: Route) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's signature
        """See `Errand.ignored`."""
        return ()

    def estimate(self, route: Route) -> Estimate:
        """See `Errand.estimate`."""
        context = context_of(route)
        size_bytes = sum(likely_bytes(text) for text in self.texts)
        return Estimate(
            text_bytes=min(size_bytes, BYTES_PER_TOKEN * context * len(self.texts)),
            prompt_tokens=sum(min(most_tokens(text), context) for text in self.texts),
            output_tokens=0,
            choices=1,
            is_open=False,
            sends_limit=False,
            likely_tokens=size_bytes // BYTES_PER_TOKEN,
            context_tokens=context,
        )

    def bodies(
        self,
        route: Route,
        *,
        ignored: tuple[str, ...] = (),  # noqa: ARG002 - the protocol's signature
        output_limit: int | None = None,  # noqa: ARG002 - there is no output
    ) -> tuple[bytes, ...]:
        """See `Errand.bodies`."""
        members = {name: raw for name, raw in self.members.items() if name != "user"}
        members["model"] = Raw(json.encode(route.served_model))
        return (json.encode(members),)

    def steps(self, route: Route) -> tuple[Endpoint, ...]:  # noqa: ARG002 - the protocol's signature
        """See `Errand.steps`."""
        return _STEPS

    def next_body(self, raw: bytes) -> bytes:
        """See `Errand.next_body`."""
        raise NotImplementedError("it takes one step")

    def comes_whole(self, route: Route) -> bool:  # noqa: ARG002 - the protocol's signature
        """See `Errand.comes_whole`."""
        return True

    def imprint(self, route: Route, request_id: str, created: int) -> Imprint:  # noqa: ARG002
        """See `Errand.imprint`."""
        return Imprint(model=self.request.model)

    def relay(self, route: Route, imprint: Imprint, meters: list[Meter]) -> Relay:
        """See `Errand.relay`."""
        raise NotImplementedError("embeddings come in one piece")

    def finish(self, route: Route, raw: bytes, imprint: Imprint, meter: Meter) -> bytes:  # noqa: ARG002
        """See `Errand.finish`."""
        try:
            told = _ANSWER.decode(raw)
            members = _MEMBERS.decode(raw)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise EngineFailed("the engine sent what are no embeddings") from error
        if len(told.data) != len(self.texts):
            raise EngineFailed("the engine sent another number of embeddings than was asked for")
        meter.usage, meter.has_read = told.usage, True
        members["model"] = Raw(json.encode(imprint.model))
        return json.encode(members)
