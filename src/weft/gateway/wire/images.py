"""Judges the pictures in a request.

Owns the rule that a picture travels inside the request, as a `data:` URL, and what such a URL may hold. The server
never fetches an address on a caller's behalf: whoever could make it do so could reach what only the server can reach.
Nothing is decoded but to see that it can be: the URL goes on to the engine as it came.

Source: RFC 2397 for `data:` URLs; the types are those of OpenAI's API (PNG, JPEG, WebP, GIF; read 2026-11).
"""

import binascii
import re
import string

from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.malformed import invalid
from weft.kit.errors import InvalidRequest, PayloadTooLarge

_DATA_URL = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),", re.IGNORECASE)
_TYPES = frozenset({"image/png", "image/jpeg", "image/jpg", "image/webp", "image/gif"})
_LONGEST_HEAD_CHARS = 128
_ALPHABET = (string.ascii_letters + string.digits + "+/").encode()
_MAGIC_CHARS = 16
"""Twelve bytes, and as many as tell a kind of image."""


def check_image_url(url: str, *, param: str, bounds: Bounds) -> None:
    """Raise unless `url` is a picture that an engine can open; `param` is where it stands."""
    head = _DATA_URL.match(url[:_LONGEST_HEAD_CHARS])
    if head is None:
        raise _not_a_data_url(url, param)
    if head[1].lower() not in _TYPES:
        raise invalid(
            f"'{param}' must hold a PNG, JPEG, WebP or GIF image, but its type is"
            f' "{head[1][:40]}".',
            param=param,
            code="invalid_image_format",
        )
    if head[2].lower() != ";base64":
        raise invalid(
            f"'{param}' must be encoded in base64: data:{head[1]};base64,...",
            param=param,
            code="invalid_image_url",
        )
    _check_payload(url, head.end(), param=param, bounds=bounds)


def _check_payload(url: str, start: int, *, param: str, bounds: Bounds) -> None:
    # The size is known before anything is decoded: four characters hold three bytes.
    size_bytes = (len(url) - start) * 3 // 4 - (2 if url.endswith("==") else url.endswith("="))
    if size_bytes > bounds.max_image_bytes:
        raise PayloadTooLarge(
            f"The image in '{param}' has {size_bytes} bytes; at most"
            f" {bounds.max_image_bytes} are allowed.",
            param=param,
            remedy="Send a smaller image.",
        )
    if not _is_base64(url[start:]):
        raise invalid(f"'{param}' is not valid base64.", param=param, code="invalid_image_url")
    if not _is_image(binascii.a2b_base64(url[start : start + _MAGIC_CHARS])):
        raise invalid(
            f"'{param}' does not hold a PNG, JPEG, WebP or GIF image.",
            param=param,
            code="invalid_image_format",
        )


def _is_base64(text: str) -> bool:
    """Whether `text` decodes; to look for strange characters takes half the time of decoding."""
    if not text.isascii() or len(text) % 4:
        return False
    data = text.encode()
    padding = data.translate(None, _ALPHABET)
    return padding in {b"", b"=", b"=="} and data.endswith(padding)


def _is_image(data: bytes) -> bool:
    """By the first bytes. Which of the types it is does not matter: engines look for themselves."""
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")) or (
        data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    )


def _not_a_data_url(url: str, param: str) -> InvalidRequest:
    scheme = url.partition(":")[0].lower()
    if scheme not in {"http", "https"}:
        return invalid(
            f"'{param}' must be a data URL: data:image/png;base64,...",
            param=param,
            code="invalid_image_url",
        )
    error = InvalidRequest(
        f"'{param}' must be a data URL: this server fetches nothing from the network on a caller's behalf.",
        param=param,
        remedy="Download the image and send it as data:image/png;base64,...",
    )
    error.code = "invalid_image_url"
    return error
