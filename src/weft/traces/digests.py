"""Digests of content, the same that the Weave clients compute.

Bytes: SHA-256 in URL-safe base64 without padding, `-` written as X and `_` as Y (43 characters). A value is the bytes
of its JSON with sorted keys, ASCII escapes and Python's separators. A table is the SHA-256, in hex, of its rows'
digests.
Source: `weave/trace/serialization/digest.py` of the client 0.54.
"""

import base64
import hashlib
import json
from collections.abc import Iterable


def bytes_digest(content: bytes) -> str:
    """The digest of a file's content."""
    return sha256_digest(hashlib.sha256(content).digest())


def sha256_digest(hashed: bytes) -> str:
    """The digest of content with this SHA-256."""
    found = base64.urlsafe_b64encode(hashed).decode()
    return found.replace("-", "X").replace("_", "Y").rstrip("=")


def text_digest(text: str) -> str:
    """The digest of a text as it is kept."""
    return bytes_digest(text.encode())


def value_digest(value: object) -> str:
    """The digest of an object's value, or of a table's row."""
    return text_digest(json.dumps(value, sort_keys=True))


def table_digest(row_digests: Iterable[str]) -> str:
    """The digest of a table whose rows have these digests, in this order."""
    hasher = hashlib.sha256()
    for digest in row_digests:
        hasher.update(digest.encode())
    return hasher.hexdigest()
