r"""JSON as it is kept: the caller's text, except where a database or a search could not live with it.

Texts are stored as they came, so that key order, big integers and long fractions survive. What is changed:

* escapes of ordinary characters are written out, so that a search for a word finds it whichever way it was sent;
* NaN and the infinities, which JSON does not have, become the strings "NaN", "Infinity" and "-Infinity";
* half of a surrogate pair, which is no character, becomes U+FFFD.

A NUL stays an escape (`\u0000`): it is legal in JSON and in both databases' text columns, written so.
"""

import asyncio
import json
import math
import re
from typing import Any, TypeVar

import msgspec

from weft.kit.errors import InvalidRequest

T = TypeVar("T")
IN_THREAD_BYTES = 256 * 1024
MAX_DEPTH = 200
"""Of nested lists and objects; deeper ones end Python's own recursion, and nobody's trace has them."""

_HALF = re.compile("[\ud800-\udfff]")
_encoder = msgspec.json.Encoder()


class BadJson(InvalidRequest):
    """The body is no JSON."""

    code = "invalid_json"


def clean(body: bytes) -> bytes:
    """`body` in the form in which JSON is kept; the same bytes where nothing has to change.

    Raises:
        BadJson: it is no JSON.
    """
    has_word = b"NaN" in body or b"Infinity" in body
    if b"\\u" not in body and not (has_word and not _is_json(body)):
        return body
    try:
        value: Any = json.loads(body)
        return json.dumps(_mended(value), ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError) as error:
        raise BadJson(f"the body is not JSON: {error}") from error


def _is_json(body: bytes) -> bool:
    """Whether such words stand in texts only; they are common there, and reading a body in Python is slow."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


async def decode_soon(body: bytes, shape: type[T]) -> T:
    """As `decode`; a long body is read beside the event loop, where inference goes on.

    Raises:
        BadJson: it is no JSON, or its fields have other types.
    """
    if len(body) > IN_THREAD_BYTES:
        return await asyncio.to_thread(decode, body, shape)
    return decode(body, shape)


def decode(body: bytes, shape: type[T]) -> T:
    """`body` as a `shape`, unknown fields left out, after `clean`.

    Raises:
        BadJson: it is no JSON, or its fields have other types; the message names the place.
    """
    try:
        return msgspec.json.decode(clean(body), type=shape)
    except msgspec.ValidationError as error:
        raise BadShape(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadJson(f"the body is not JSON: {error}") from error


class BadShape(InvalidRequest):
    """The body is JSON of another shape than the route takes."""

    status = 422
    code = "invalid_body"


def dump(value: object) -> str:
    """A value of ours as JSON text."""
    return _encoder.encode(value).decode()


def load(text: str | bytes) -> Any:
    """What a kept text says."""
    return msgspec.json.decode(text)


def _mended(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError(f"it is nested more than {MAX_DEPTH} deep")
    if isinstance(value, str):
        return value if value.isascii() else _HALF.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        return [_mended(part, depth + 1) for part in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {_mended(key): _mended(part, depth + 1) for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value
