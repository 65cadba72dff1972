"""A chat completion that was asked for in a dialect: its refusals speak of the fields that the client sent.

A conversation has other places once it is translated: of what is wrong in one of its messages, no number is told.
"""

import re
from collections.abc import Mapping
from typing import Self

from weft.engines.types import Route
from weft.gateway.errands.chat import ChatErrand
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.validate import parse_request
from weft.kit.errors import Json, WeftError

_MESSAGES = re.compile(r"messages(\[\d+\][\w.\[\]]*)?")


class TranslatedErrand(ChatErrand, frozen=True):
    """See `Errand`."""

    names: Mapping[str, str]
    """What the client calls what a chat completion calls by OpenAI's names; `messages` is where the conversation is."""

    @classmethod
    def of(cls, payload: bytes, bounds: Bounds, names: Mapping[str, str]) -> Self:
        """The errand of a chat completion that a dialect made.

        Raises:
            WeftError: it is malformed, in the client's words.
        """
        try:
            return cls(parse_request(payload, bounds), payload, names)
        except WeftError as error:
            rename(error, names)
            raise

    @property
    def said_in(self) -> str:
        """See `Errand.said_in`."""
        return self.names.get("messages", "messages")

    def check(self, route: Route) -> None:
        """See `Errand.check`."""
        try:
            super().check(route)
        except WeftError as error:
            rename(error, self.names)
            raise


def rename(error: WeftError, names: Mapping[str, str]) -> None:
    """Have `error` speak of the client's own fields, in place."""
    param = error.param
    if param is None:
        return
    name = _told(param, names)
    quoted, wanted = f"'{param}'", f"'{name}'"
    error.param = name
    error.message = error.message.replace(quoted, wanted)
    error.metadata = {key: _in(value, quoted, wanted) for key, value in error.metadata.items()}


def _in(value: Json, quoted: str, wanted: str) -> Json:
    return value.replace(quoted, wanted) if isinstance(value, str) else value


def _told(param: str, names: Mapping[str, str]) -> str:
    param = param.replace(
        "].function.", "]."
    )  # other dialects have a function's members in the tool
    if _MESSAGES.fullmatch(param):
        return names.get("messages", "messages")
    if param in names:
        return names[param]
    head = re.split(r"[.\[]", param, maxsplit=1)[0]
    return names[head] + param[len(head) :] if head in names else param
