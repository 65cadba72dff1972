"""Texts and token ids as clients send them in place of a conversation: how many there are, and how long they can be.

Invariant: `most_tokens` is never less than what a byte-level or byte-fallback tokeniser makes of a text (see
`estimate.py`).
"""

import unicodedata

from msgspec import Raw, json

from weft.gateway.wire.malformed import invalid
from weft.gateway.wire.rules import at_most

SPECIAL_TOKENS = 8
"""What a tokeniser may put before and after a text."""
MOST_TOKEN_ID = 2**31 - 1

Text = str | list[int]
"""One text, or its token ids."""


def texts_of(value: str | list[str | int | list[int]], param: str, most: int) -> list[Text]:
    """The texts of a prompt or an input in any of its four forms.

    Raises:
        InvalidRequest: it is empty, mixes forms, or has more than `most` texts.
    """
    if isinstance(value, str):
        texts: list[Text] = [value]
    elif value and all(isinstance(item, int) for item in value):
        texts = [[item for item in value if isinstance(item, int)]]
    else:
        texts = [item for item in value if not isinstance(item, int)]
        if len(texts) != len(value) or len({type(text) for text in texts}) > 1:
            raise invalid(
                f"'{param}' must be an array of strings, of token ids, or of arrays of token ids.",
                param=param,
                code="invalid_type",
            )
    if not texts:
        raise invalid(f"'{param}' must not be empty.", param=param, code="invalid_value")
    at_most(len(texts), most, param)
    for index, text in enumerate(texts):
        where = param if len(texts) == 1 else f"{param}[{index}]"
        if not text:
            raise invalid(f"'{where}' must not be empty.", param=where, code="invalid_value")
        if not isinstance(text, str) and not all(0 <= token <= MOST_TOKEN_ID for token in text):
            raise invalid(
                f"'{where}' has numbers that are no token ids.", param=where, code="invalid_value"
            )
    return texts


def most_tokens(text: Text) -> int:
    """The most tokens that there can be in it."""
    if not isinstance(text, str):
        return len(text) + SPECIAL_TOKENS
    if text.isascii():
        return len(text) + SPECIAL_TOKENS
    normal = unicodedata.normalize("NFC", text)
    return max(len(text.encode()), len(normal.encode())) + SPECIAL_TOKENS


def likely_bytes(text: Text) -> int:
    """So many bytes as a text of that length has; of token ids, what they may stand for."""
    return len(text.encode()) if isinstance(text, str) else 4 * len(text)


def raw_of(text: Text) -> Raw:
    """As JSON."""
    return Raw(json.encode(text))
