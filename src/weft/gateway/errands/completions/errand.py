"""`POST /v1/completions` as an errand: judged, bounded, and put into the engine's words.

Owns what a plain completion may ask for. Several prompts, and `n`, are fanned out where an engine miscounts them
(`Quirks.fans_out`); `max_tokens` is always sent, because engines differ in what they do without. What only OpenAI's own
engines could do (`echo`, `suffix`, `best_of`) is refused by name. A parameter that has no type here goes on to the
engine if that knows it, or judges for itself.
"""

from typing import ClassVar, Self

import msgspec
from msgspec import Raw, json

from weft.engines.types import Endpoint, Quirks, Route
from weft.gateway.errands.completions.relay import TextRelay, Wanted
from weft.gateway.errands.completions.shapes import DEFAULT_MAX_TOKENS, CompletionRequest
from weft.gateway.errands.form import Form
from weft.gateway.errands.prompts import Text, likely_bytes, most_tokens, raw_of, texts_of
from weft.gateway.estimate import BYTES_PER_TOKEN, Estimate, context_of
from weft.gateway.meter import Meter
from weft.gateway.relay import Relay
from weft.gateway.wire.assemble import finish_completion
from weft.gateway.wire.body import folded
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.capabilities import OTHER_LIMITS, unable, unknown_parameter, unsupported
from weft.gateway.wire.malformed import invalid
from weft.gateway.wire.rewrite import Imprint
from weft.gateway.wire.types import FIELDS
from weft.gateway.wire.validate import check_bias, check_stop

_FORM = Form(CompletionRequest)
_MEMBERS = json.Decoder(dict[str, Raw])
_STEPS = (Endpoint.COMPLETIONS,)
_TRUE = Raw(b"true")
_USAGE = Raw(b'{"include_usage":true}')
_ONLY_HERE = ("echo", "suffix", "best_of", "user", "n", "stream", "stream_options")
"""What no engine is sent as it came."""


class CompletionErrand(msgspec.Struct, frozen=True):
    """See `Errand`."""

    request: CompletionRequest
    members: dict[str, Raw]
    unknown: tuple[str, ...]
    texts: list[Text]

    endpoint: ClassVar[Endpoint] = Endpoint.COMPLETIONS
    is_countable: ClassVar[bool] = False

    @classmethod
    def read(cls, payload: bytes, bounds: Bounds) -> Self:
        """See `Read`."""
        request, members, unknown = _FORM.read(payload, bounds)
        texts = texts_of(request.prompt, "prompt", bounds.max_choices)
        if len(texts) * request.choices > bounds.max_choices:
            raise invalid(
                f"'n' times the number of prompts must be at most {bounds.max_choices}.",
                param="n",
                code="invalid_value",
            )
        if request.stream_options is not None and not request.stream:
            raise invalid(
                "'stream_options' is allowed only together with 'stream': true.",
                param="stream_options",
                code="invalid_value",
            )
        if request.stop is not None:
            check_stop(request.stop, bounds)
        if request.logit_bias is not None:
            check_bias(request.logit_bias, bounds)
        return cls(request, members, unknown, texts)

    @property
    def model(self) -> str:
        """See `Errand.model`."""
        return self.request.model

    @property
    def said_in(self) -> str:
        """See `Errand.said_in`."""
        return "prompt"

    @property
    def is_stream(self) -> bool:
        """See `Errand.is_stream`."""
        return bool(self.request.stream)

    @property
    def prompts(self) -> int:
        """See `Errand.prompts`."""
        return len(self.texts)

    def check(self, route: Route) -> None:
        """See `Errand.check`."""
        request, card, known = self.request, route.asked, route.quirks.parameters
        for name in self.unknown:
            if name in OTHER_LIMITS:
                remedy = f"Say it with 'max_tokens' instead of '{name}'."
                raise unsupported(name, f"'{name}' is not supported here.", remedy=remedy)
            if known is not None and name not in known - FIELDS:
                raise unknown_parameter(card.id, name, (known - FIELDS) | _FORM.fields)
        if request.echo:
            raise unsupported("echo", "'echo' is not supported here: an answer is the answer.")
        if request.suffix:
            raise unsupported("suffix", "'suffix' is not supported here: texts go on at their end.")
        if request.best_of not in {None, request.choices}:
            raise unsupported("best_of", "'best_of' is not supported here, but as large as 'n'.")
        if request.logprobs is not None and not card.capabilities.logprobs:
            raise unable(card.id, "logprobs", "gives no log probabilities")
        if request.stream and not card.capabilities.streaming:
            raise unable(card.id, "stream", "does not stream")

    def ignored(self, route: Route) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's signature
        """See `Errand.ignored`: there is nothing here that a stand-in's engine lacks."""
        return ()

    def estimate(self, route: Route) -> Estimate:
        """See `Errand.estimate`."""
        context = context_of(route)
        limit = min(self._limit, context)
        size_bytes = sum(likely_bytes(text) for text in self.texts)
        choices = self.request.choices * len(self.texts)
        return Estimate(
            text_bytes=min(size_bytes, BYTES_PER_TOKEN * context * len(self.texts)),
            prompt_tokens=sum(min(most_tokens(text), context) for text in self.texts),
            output_tokens=limit,
            choices=choices,
            is_open=False,
            sends_limit=False,
            likely_tokens=size_bytes // BYTES_PER_TOKEN + limit * choices,
            context_tokens=context,
        )

    def bodies(
        self,
        route: Route,
        *,
        ignored: tuple[str, ...] = (),  # noqa: ARG002 - the protocol's signature
        output_limit: int | None = None,  # noqa: ARG002 - it is always known
    ) -> tuple[bytes, ...]:
        """See `Errand.bodies`."""
        request, quirks = self.request, route.quirks
        members = {name: raw for name, raw in self.members.items() if name not in _ONLY_HERE}
        members.update(_MEMBERS.decode(b"{%b}" % quirks.extra_body))
        members["model"] = Raw(json.encode(route.served_model))
        members["max_tokens"] = Raw(b"%d" % self._limit)
        if request.logprobs is not None and not quirks.legacy_logprobs:
            members["logprobs"] = Raw(b"%d" % max(request.logprobs, 1))  # 0 would be none at all
        if request.stream or quirks.always_stream:
            members["stream"], members["stream_options"] = _TRUE, _USAGE
        choices = request.choices
        if not quirks.fans_out:
            if choices > 1:
                members["n"] = Raw(b"%d" % choices)
            if request.seed is not None:
                members["seed"] = _seed(request.seed, quirks)
            return (json.encode(members),)
        bodies: list[bytes] = []
        for text in self.texts:
            members["prompt"] = raw_of(text)
            for choice in range(choices):
                if request.seed is not None:
                    members["seed"] = _seed(request.seed + choice, quirks)
                bodies.append(json.encode(members))
        return tuple(bodies)

    def steps(self, route: Route) -> tuple[Endpoint, ...]:  # noqa: ARG002 - the protocol's signature
        """See `Errand.steps`."""
        return _STEPS

    def next_body(self, raw: bytes) -> bytes:
        """See `Errand.next_body`."""
        raise NotImplementedError("it takes one step")

    def comes_whole(self, route: Route) -> bool:
        """See `Errand.comes_whole`."""
        return not (self.request.stream or route.quirks.always_stream)

    def imprint(self, route: Route, request_id: str, created: int) -> Imprint:
        """See `Errand.imprint`."""
        return Imprint(
            id="cmpl-" + request_id.removeprefix("req_"),
            model=self.request.model,
            created=created,
            system_fingerprint=f"stand-in:{route.card.id}" if route.is_stand_in else "",
        )

    def relay(self, route: Route, imprint: Imprint, meters: list[Meter]) -> Relay:
        """See `Errand.relay`."""
        request = self.request
        options = request.stream_options
        wanted = Wanted(
            is_stream=self.is_stream,
            wants_usage=options is not None and options.include_usage is True,
            choices=request.choices * len(self.texts),
            prompts=len(self.texts),
            top_logprobs=request.logprobs or 0,
            legacy_logprobs=route.quirks.legacy_logprobs,
        )
        return TextRelay(meters, imprint, wanted)

    def finish(self, route: Route, raw: bytes, imprint: Imprint, meter: Meter) -> bytes:  # noqa: ARG002
        """See `Errand.finish`."""
        body, usage = finish_completion(raw, imprint)
        meter.see_answer(usage, raw)
        return body

    @property
    def _limit(self) -> int:
        return self.request.max_tokens or DEFAULT_MAX_TOKENS


def _seed(seed: int, quirks: Quirks) -> Raw:
    return Raw(b"%d" % folded(seed if seed < 2**63 else seed - 2**64, quirks))
