"""Refusals that speak of OpenAI's fields, in the words of whoever asked. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import DecodeError, Struct, json

from weft.kit.errors import Json

_MESSAGES = re.compile(r"messages\[\d+\][\w.\[\]]*")
_PLACE = "messages"
"""A conversation has other places once it is translated: of those no number is told."""


class _Envelope(Struct):
    error: dict[str, Any]


_ENVELOPE = json.Decoder(_Envelope)


def renamed(envelope: bytes, names: Mapping[str, str], place: str = _PLACE) -> bytes:
    """The same error with `names` for the door's own; `place` is where the conversation is."""
    try:
        error = _ENVELOPE.decode(envelope).error
    except DecodeError:
        return envelope
    param = error.get("param")
    if not isinstance(param, str):
        return envelope
    name = _told(param, names, place)
    if name == param:
        return envelope
    told = _in(error, param, name)
    told["param"] = name
    return json.encode({"error": told})


def _in(error: dict[str, Json], param: str, name: str) -> dict[str, Json]:
    """`error` with the name in its texts, where it stands in quotes."""
    return {
        key: value.replace(f"'{param}'", f"'{name}'")
        if isinstance(value, str)
        else _in(value, param, name)
        if isinstance(value, dict)
        else value
        for key, value in error.items()
    }


def _told(param: str, names: Mapping[str, str], place: str) -> str:
    param = param.replace(
        "].function.", "]."
    )  # other dialects have a function's members in the tool
    if param in names:
        return names[param]
    if param == _PLACE or _MESSAGES.fullmatch(param):
        return place
    head, dot, rest = param.partition(".")
    return names[head] + dot + rest if head in names else param
