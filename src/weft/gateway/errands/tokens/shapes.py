"""The shapes of `POST /tokenize` and `POST /detokenize`, which are vLLM's.

Owns field names and types, no behaviour. Source: vLLM, vllm/entrypoints/serve/tokenize/protocol.py (read 2026-11).
"""

from typing import Annotated

from msgspec import Meta, Raw, Struct, field

ModelName = Annotated[str, Meta(min_length=1, max_length=512)]


class TokenizeRequest(Struct, kw_only=True):
    """A text, or a conversation with what belongs to its prompt."""

    model: ModelName
    prompt: str | None = None
    add_special_tokens: bool | None = None
    messages: Raw = field(default_factory=Raw)
    tools: Raw = field(default_factory=Raw)
    chat_template_kwargs: Raw = field(default_factory=Raw)
    add_generation_prompt: bool | None = None


class TokenizeAnswer(Struct):
    """The ids, and how many there may be."""

    count: int
    max_model_len: int
    tokens: list[int]


class DetokenizeRequest(Struct, kw_only=True):
    """Token ids."""

    model: ModelName
    tokens: list[Annotated[int, Meta(ge=0, le=2**31 - 1)]]


class DetokenizeAnswer(Struct):
    """Their text."""

    prompt: str
