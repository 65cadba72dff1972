"""Saved prompts as messages: a `MessagesPrompt` that a completion names by its reference."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from weft.identity.projects.gate import Visitor
from weft.kit.errors import Unprocessable
from weft.traces.refs import Ref, parse_ref

ReadRef = Callable[[Visitor, Ref], Awaitable[Any]]
"""The value at a reference, for somebody who may read its project.

Raises:
    NotFound: there is nothing.
"""


class NoPrompt(Unprocessable):
    """The reference leads to something that is no prompt of messages."""

    code = "not_a_prompt"


@dataclass(frozen=True, slots=True)
class Prompts:
    """Looks prompts up."""

    read: ReadRef

    async def messages(self, visitor: Visitor, ref: str) -> list[Any]:
        """The messages of the prompt at `ref`, with their places unfilled.

        Raises:
            BadRef: `ref` is no reference.
            NotFound: there is no such object.
            NoPrompt: it is something else.
        """
        value = await self.read(visitor, parse_ref(ref))
        return messages_in(value)


def messages_in(value: Any) -> list[Any]:
    """The messages of a saved prompt: a `MessagesPrompt` has several, a `StringPrompt` is one of the user's.

    Raises:
        NoPrompt: it is something else.
    """
    if isinstance(value, dict):
        messages: Any = value.get("messages")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        content: Any = value.get("content")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(messages, list):
            return messages  # pyright: ignore[reportUnknownVariableType]
        if isinstance(content, str):
            return [{"role": "user", "content": content}]
    raise NoPrompt(
        "the reference does not lead to a prompt of messages",
        param="prompt",
        remedy="Name a MessagesPrompt.",
    )
