"""The nouns of the training text. No logic that draws random numbers lives here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Call:
    """One function call, as the assistant writes it."""

    name: str
    arguments: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Signature:
    """What the chat template shows of a tool: its name and its required parameters."""

    name: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message. `skip_first` leaves the first token of the answer out of the loss."""

    role: Role
    content: str
    calls: tuple[Call, ...] = ()
    skip_first: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one training sequence is made of."""

    messages: tuple[Message, ...]
    tools: tuple[Signature, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question with its answer, and the answer in one word where there is one."""

    kind: str
    question: str
    answer: str
    short: str = ""
    followups: tuple[tuple[str, str], ...] = ()
