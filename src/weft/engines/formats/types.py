"""The nouns of this package: what a model's raw text is made of, and what takes it apart.

Owns the interface between an engine that only yields text and whoever turns that into the OpenAI shape. Knows no
wire shape. What every parser here promises:

- However a text was cut into pieces, the same comes out: joined for each kind, and for each call.
- Text leaves as soon as it can no longer be part of a marker; arguments stream, and joined they are the JSON.
- Broken text raises nothing and is not lost. What cannot be a call is content, character by character. A call counts
  from the moment on at which its name is known and its arguments begin; from there to the end of the call the
  arguments are what the model wrote, right or wrong, and whoever asked can tell the model so.
- White space next to a marker is part of the marker.
- It takes time in proportion to the text, and holds no more than the text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

Tools = Mapping[str, Mapping[str, object]]
"""The tools that a request offers: the JSON schema of the parameters by the tool's name."""


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Text that the model thinks."""

    text: str


@dataclass(frozen=True, slots=True)
class Content:
    """Text for the reader."""

    text: str


@dataclass(frozen=True, slots=True)
class CallStart:
    """A tool call begins."""

    index: int
    """0 for the first call of an answer, and so on."""
    id: str
    """Empty where the format has none: whoever sends the call on makes one up."""
    name: str
    """May name no tool that was offered: the model is free to err."""


@dataclass(frozen=True, slots=True)
class CallArguments:
    """The next piece of a call's arguments."""

    index: int
    text: str


Delta = Reasoning | Content | CallStart | CallArguments


class Parser(Protocol):
    """Takes one answer apart."""

    def feed(self, text: str, /) -> Sequence[Delta]:
        """Take in the next piece of the raw text, special tokens included (but for the one that ends the turn)."""
        ...

    def finish(self) -> Sequence[Delta]:
        """Say what was still held back: the text has ended."""
        ...


class Format(StrEnum):
    """How a family writes."""

    TEXT = "text"
    """Plain text: nothing is looked for."""
    THINK = "think"
    """Reasoning in `<think>`, then plain text."""
    HERMES = "hermes"
    QWEN3_CODER = "qwen3_coder"
    HARMONY = "harmony"
    DEEPSEEK = "deepseek"
    KIMI_K2 = "kimi_k2"
    LLAMA3_JSON = "llama3_json"
    LLAMA4_PYTHONIC = "llama4_pythonic"
    PHI4_MINI = "phi4_mini"
