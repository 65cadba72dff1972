"""How much one request may ask for.

Owns the limits on shape and size, each with the default that a laptop can bear; most are settings of the same name.
Knows nothing of money or concurrency: those are limits on a caller, these are limits on a request.
"""

from dataclasses import dataclass
from typing import Self

from weft.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Bounds:
    """Upper bounds, all inclusive. What is over one is refused by name, never cut short."""

    max_body_bytes: int = 20 * 1024 * 1024
    max_messages: int = 4096
    max_content_parts: int = 1024
    """Parts of one message's content."""
    max_choices: int = 100
    """Of `n`; each choice is a request of its own for engines that miscount."""
    max_stop_sequences: int = 16
    max_stop_bytes: int = 512
    """Of one stop sequence, in UTF-8."""
    max_tools: int = 128
    """Tools of a request, and tool calls of one message."""
    max_schema_depth: int = 32
    """Nested objects and arrays in a tool's parameters, a response schema, or a template argument."""
    max_schema_bytes: int = 64 * 1024
    """Of one schema; all schemas of a request may have twice as much of everything."""
    max_schema_properties: int = 500
    """Of one schema, at all its levels."""
    max_schema_entries: int = 2000
    """Members and items of any kind in one schema."""
    max_grammar_bytes: int = 16 * 1024
    """Of llama.cpp's `grammar`, in UTF-8."""
    max_logit_bias: int = 1024
    max_images: int = 16
    """Over all messages."""
    max_image_bytes: int = 10 * 1024 * 1024
    """Of one image, decoded."""
    max_template_kwargs: int = 64

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The bounds that these settings ask for."""
        return cls(
            max_body_bytes=settings.max_body_bytes,
            max_messages=settings.max_messages,
            max_choices=settings.max_choices,
            max_stop_sequences=settings.max_stop_sequences,
            max_tools=settings.max_tools,
            max_schema_depth=settings.max_schema_depth,
            max_logit_bias=settings.max_logit_bias,
            max_images=settings.max_images,
            max_image_bytes=settings.max_image_bytes,
        )
