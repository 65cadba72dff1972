"""What a request can cost at most, before an engine has seen it. Pure.

The bound on tokens is never too low, and costs no tokenisation: a token stands for at least one byte of the text that
a model reads, and that text is the request's own, which JSON only makes longer, plus what the chat template adds.
Whatever comes out of it, no prompt is longer than the context window.

Where the caller set no limit to the answer, the engine is told one that the hold pays for. That limit leaves room in
the context window for the prompt at its longest, since some engines refuse a limit that does not fit; only for prompts
that may fill most of the window none is sent, and the hold is for the whole window.
"""

from dataclasses import dataclass, replace
from typing import Self

from weft.catalog.types import ModelCard, Price
from weft.engines.types import Route
from weft.gateway.wire.types import ChatRequest
from weft.kit.money import TOKENS_PER_MTOK, cost_of

TEMPLATE_TOKENS = 1024
"""What chat templates put before the first message: dates, rules, the model's name. The longest seen has some 300."""
MESSAGE_TOKENS = 32
"""Around each message: its role, its begin and end."""
TOOLS_FACTOR = 4
"""Templates write tools indented, where the request has them compact."""
IMAGE_TOKENS = 16_384
"""The most that a vision model of the catalog makes of one image."""
LEAST_OUTPUT_TOKENS = 16
"""Where the caller set no limit, an answer shorter than this is not worth starting."""
ROOM = 3 / 4
"""Prompts that may take more than this share of the window get no limit sent."""
BYTES_PER_TOKEN = 4
"""The usual English figure; for rates, which count what is likely and not the worst."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The most that one request can use."""

    prompt_tokens: int
    output_tokens: int
    """Of one choice."""
    choices: int
    is_open: bool
    """Whether the caller set no limit to the answer."""
    sends_limit: bool
    """Whether the engine is told one."""
    likely_tokens: int
    """For limits of tokens a minute."""
    context_tokens: int

    @classmethod
    def of(cls, request: ChatRequest, request_bytes: int, route: Route) -> Self:
        """The bound for `request`, whose body has so many bytes."""
        context = context_of(route)
        bound = request_bytes + TEMPLATE_TOKENS + MESSAGE_TOKENS * len(request.messages)
        if request.tools or request.functions:
            bound += TOOLS_FACTOR * request_bytes
        bound += IMAGE_TOKENS * _images(request, route.card)
        prompt = min(bound, context)
        limit = request.output_limit_tokens
        fits = prompt <= context * ROOM
        output = context - prompt if limit is None and fits else min(limit or context, context)
        return cls(
            prompt_tokens=prompt,
            output_tokens=output,
            choices=request.choices,
            is_open=limit is None,
            sends_limit=limit is None and fits,
            likely_tokens=min(request_bytes // BYTES_PER_TOKEN, context)
            + (min(limit, context) * request.choices if limit else 0),
            context_tokens=context,
        )

    def with_prompt(self, prompt_tokens: int) -> Self:
        """The same, now that the prompt was counted."""
        prompt = min(prompt_tokens, self.prompt_tokens)
        if not self.is_open:
            return replace(self, prompt_tokens=prompt)
        output = max(self.context_tokens - prompt, 1)
        return replace(self, prompt_tokens=prompt, output_tokens=output, sends_limit=True)

    def cost_nusd(self, price: Price, output_tokens: int | None = None) -> int:
        """What that costs at most, or what it costs if each choice has `output_tokens`."""
        output = self.output_tokens if output_tokens is None else output_tokens
        input_price = max(price.input_nusd_per_mtok, price.cached_input_nusd_per_mtok)
        return cost_of(
            (self.prompt_tokens, input_price), (output * self.choices, price.output_nusd_per_mtok)
        )

    def least_nusd(self, price: Price) -> int:
        """What it takes to start at all: a caller's own limit is kept in full, or the request is refused."""
        if not self.sends_limit:
            return self.cost_nusd(price)
        return self.cost_nusd(price, min(self.output_tokens, LEAST_OUTPUT_TOKENS))

    def limit_for(self, amount_nusd: int, price: Price) -> int | None:
        """The `max_tokens` to send, which `amount_nusd` pays for; None where the engine needs none."""
        if not self.sends_limit or not (price.output_nusd_per_mtok or amount_nusd):
            return None
        return self.affordable(amount_nusd, price)

    def affordable(self, amount_nusd: int, price: Price) -> int:
        """How many tokens each choice may have for `amount_nusd`."""
        if not price.output_nusd_per_mtok:
            return self.output_tokens
        input_price = max(price.input_nusd_per_mtok, price.cached_input_nusd_per_mtok)
        rest = amount_nusd * TOKENS_PER_MTOK - self.prompt_tokens * input_price
        return min(self.output_tokens, rest // price.output_nusd_per_mtok // self.choices)


def context_of(route: Route) -> int:
    """The longest prompt and answer together."""
    return route.context_tokens or route.card.context_window_tokens


def _images(request: ChatRequest, card: ModelCard) -> int:
    if not card.capabilities.vision:
        return 0
    return sum(
        part.type == "image_url"
        for message in request.messages
        if message.content is not None and not isinstance(message.content, str)
        for part in message.content
    )
