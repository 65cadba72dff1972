"""What a request can cost at most, before an engine has seen it. Pure.

The bound on tokens is never too low, and costs no tokenisation. Why it holds:

* A token of a byte-level or byte-fallback tokeniser, as all models of the catalog have one, stands for at least one
  byte of the text that the model reads.
* That text is the request's own, which JSON only makes longer (an escape is never shorter than its character in UTF-8,
  nor than what Qwen's tokeniser makes of it, which puts text into the form NFC first), and what the chat template adds:
  so much before the first message, so much around each (`TEMPLATE_TOKENS`, `MESSAGE_TOKENS`).
* Templates write tools and calls anew, with blanks and line ends between the parts, or in a markup of their own
  (`MARKUP_FACTOR`). They write what is said as it is, or as a JSON string again, as it was in the request.
* No prompt is longer than the context window.

Read for this (2026-11): the chat templates of the catalog's models as llama.cpp keeps them in models/templates
(gpt-oss, Qwen3, DeepSeek-R1, Kimi-K2, Phi-4-mini), and Llama 3.1's and 3.3's. Where it fails all the same (a server
with a template of its own, or a longer window than its card says) the charge ends at the hold, and `Journal` tells.

Where the caller set no limit to the answer, the engine is told one that the hold pays for. That limit leaves room in
the context window for the prompt at its longest, since some engines refuse a limit that does not fit; only for prompts
that may fill most of the window none is sent, and the hold is for the whole window.
"""

import unicodedata
from dataclasses import dataclass
from typing import Self

import msgspec

from weft.catalog.types import Price
from weft.engines.types import Route
from weft.gateway.wire.types import ChatRequest
from weft.kit.money import TOKENS_PER_MTOK, cost_of

TEMPLATE_TOKENS = 1024
"""What chat templates put before the first message: dates, rules, the model's name, how to call tools. gpt-oss has the
longest: some 100 tokens, and 700 with the two tools of its own that `chat_template_kwargs` may name."""
MESSAGE_TOKENS = 32
"""Around each message: its role, its begin and end, empty thoughts. The longest seen has some 12."""
MARKUP_FACTOR = 4
"""How many tokens a byte of tools and calls may cost beyond its own. Llama 3 and DeepSeek write tools indented by
four: a `{` becomes itself, a line end, and blanks that make three tokens at most, since tokenisers have tokens for
runs of them. Others write each argument in a markup of some 20 tokens, where the request has `\\"a\\":1,`."""
IMAGE_TOKENS = 16_384
"""The most that a model makes of one image: Qwen-VL's default for its largest. Llama 4 makes 17 tiles of 144."""
LEAST_OUTPUT_TOKENS = 16
"""Where the caller set no limit, an answer shorter than this is not worth starting."""
ROOM = 3 / 4
"""Prompts that may take more than this share of the window get no limit sent."""
BYTES_PER_TOKEN = 4
"""The usual English figure; for rates, which count what is likely and not the worst."""

NFC_FACTOR = 3
"""The most that the form NFC makes of a character's bytes (unicode.org/faq/normalization.html)."""


class Estimate(msgspec.Struct, frozen=True):
    """The most that one request can use."""

    text_bytes: int
    """What there is to read, without images, and no more than the window can hold."""
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
    def of(cls, request: ChatRequest, payload: bytes, route: Route) -> Self:
        """The bound for `request`, which was decoded from `payload`."""
        context = context_of(route)
        said = _said(request)
        text_bytes = len(payload) - said.image_chars
        bound = text_bytes + TEMPLATE_TOKENS + MESSAGE_TOKENS * len(request.messages)
        bound += _grown_bytes(payload)
        if route.card.capabilities.vision:  # a stand-in without eyes is told of an image in a word
            bound += IMAGE_TOKENS * said.images
        if request.tools or request.functions or said.has_calls:
            bound += MARKUP_FACTOR * (text_bytes - said.text_chars)
        prompt = min(bound, context)
        limit = request.output_limit_tokens
        fits = prompt <= context * ROOM
        output = context - prompt if limit is None and fits else min(limit or context, context)
        return cls(
            text_bytes=min(text_bytes, BYTES_PER_TOKEN * context),
            prompt_tokens=prompt,
            output_tokens=output,
            choices=request.choices,
            is_open=limit is None,
            sends_limit=limit is None and fits,
            likely_tokens=min(text_bytes // BYTES_PER_TOKEN, context)
            + (min(limit, context) * request.choices if limit else 0),
            context_tokens=context,
        )

    def with_prompt(self, prompt_tokens: int) -> Self:
        """The same, now that the prompt was counted."""
        prompt = min(prompt_tokens, self.prompt_tokens)
        if not self.is_open:
            return msgspec.structs.replace(self, prompt_tokens=prompt)
        output = max(self.context_tokens - prompt, 1)
        return msgspec.structs.replace(
            self, prompt_tokens=prompt, output_tokens=output, sends_limit=True
        )

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
        """How many tokens each choice may have for `amount_nusd`; 0 where it does not pay for the prompt."""
        input_price = max(price.input_nusd_per_mtok, price.cached_input_nusd_per_mtok)
        rest = amount_nusd * TOKENS_PER_MTOK - self.prompt_tokens * input_price
        if rest < 0:
            return 0
        if not price.output_nusd_per_mtok:
            return self.output_tokens
        return min(self.output_tokens, rest // price.output_nusd_per_mtok // self.choices)

    def may_fit(self, amount_nusd: int, price: Price) -> bool:
        """Whether a count of the prompt could show that `amount_nusd` pays for an answer, or for a shorter one."""
        return self.with_prompt(1).cost_nusd(price, 1) <= amount_nusd


def context_of(route: Route) -> int:
    """The longest prompt and answer together."""
    return route.context_tokens or route.card.context_window_tokens


@dataclass(slots=True)
class _Said:
    """What is in the messages. A character has at least one byte, in JSON too."""

    text_chars: int = 0
    """Of the texts that templates write as they are; not all of them need be in here."""
    image_chars: int = 0
    images: int = 0
    has_calls: bool = False


def _said(request: ChatRequest) -> _Said:
    said = _Said()
    for message in request.messages:
        content = message.content
        if isinstance(content, str):
            said.text_chars += len(content)
        elif content is not None:
            for part in content:
                if part.image_url is not None:
                    said.images += 1
                    said.image_chars += len(part.image_url.url)
                elif part.text is not None:
                    said.text_chars += len(part.text)
        if message.tool_calls or message.function_call is not None:
            said.has_calls = True
    return said


def _grown_bytes(payload: bytes) -> int:
    """What the form NFC can add to a text: nothing, but where it is not in that form already, as most texts are."""
    if payload.isascii() or unicodedata.is_normalized("NFC", payload.decode()):
        return 0
    ascii_bytes = len(payload.decode("ascii", "ignore"))
    return (NFC_FACTOR - 1) * (len(payload) - ascii_bytes)
