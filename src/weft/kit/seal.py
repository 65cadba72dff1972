"""Secrets that have to be used again, so that no hash will do: sealed, so that a copy of the database tells none.

AES-256-GCM (NIST SP 800-38D) with a nonce of its own for each, under a key that HKDF (RFC 5869) makes of the server's
secret. A purpose has a key of its own; what a sealed text is for within it, its context, is authenticated: one that is
moved to another row does not open.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class SealBroken(Exception):
    """The text was sealed for another purpose or context, or by a server with another secret."""


class Seal:
    """Seals and opens the secrets of one purpose."""

    def __init__(self, secret: bytes, purpose: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
        self._cipher = AESGCM(derived)

    def close(self, text: str, context: tuple[str, ...]) -> bytes:
        """`text`, sealed for `context`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), _bytes_of(context))

    def open(self, sealed: bytes, context: tuple[str, ...]) -> str:
        """What was sealed.

        Raises:
            SealBroken: it does not open.
        """
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, rest, _bytes_of(context)).decode()
        except (InvalidTag, ValueError) as error:  # ValueError: what is there is too short for any
            raise SealBroken from error


def _bytes_of(context: tuple[str, ...]) -> bytes:
    return "\0".join(context).encode()
