"""Saved prompts as messages: a `MessagesPrompt` that a completion names by its reference."""

from dataclasses import dataclass
from typing import Any

from weft.evals.shelf import Shelf
from weft.evals.values import list_in, object_in
from weft.identity.projects.gate import Visitor
from weft.kit.errors import Unprocessable


class NoPrompt(Unprocessable):
    """The reference leads to something that is no prompt of messages."""

    code = "not_a_prompt"


@dataclass(frozen=True, slots=True)
class Prompts:
    """Looks prompts up."""

    shelf: Shelf

    async def messages(self, visitor: Visitor, ref: str) -> list[Any]:
        """The messages of the prompt at `ref`, with their places unfilled.

        Raises:
            BadRef: `ref` is no reference.
            NotFound: there is no such object.
            NoPrompt: it is something else.
        """
        return messages_in(await self.shelf.value(visitor, ref))


def messages_in(value: Any) -> list[Any]:
    """The messages of a saved prompt: a `MessagesPrompt` has several, a `StringPrompt` is one of the user's.

    Raises:
        NoPrompt: it is something else.
    """
    fields = object_in(value)
    if isinstance(fields.get("messages"), list):
        return list_in(fields["messages"])
    content = fields.get("content")
    if isinstance(content, str):
        return [{"role": "user", "content": content}]
    raise NoPrompt(
        "the reference does not lead to a prompt of messages",
        param="prompt",
        remedy="Name a MessagesPrompt.",
    )
