"""Keys of other people's servers, sealed: they have to be sent again, so no hash will do.

AES-256-GCM (NIST SP 800-38D) with a nonce of its own for each, under a key that HKDF (RFC 5869) makes of the server's
secret. What a sealed key is for is authenticated with it: one that is moved to another row does not open. Invariant: a
copy of the database alone tells no key.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from weft.kit.errors import Unprocessable

_NONCE_BYTES = 12
_PURPOSE = b"weft provider keys 1"


class KeyUnreadable(Unprocessable):
    """The key was sealed under another secret of the server."""

    code = "provider_key_unreadable"


class Seal:
    """Seals and opens."""

    def __init__(self, secret: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
        self._cipher = AESGCM(derived)

    def close(self, key: str, context: tuple[str, ...]) -> bytes:
        """`key`, sealed for `context`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key.encode(), _bytes_of(context))

    def open(self, sealed: bytes, context: tuple[str, ...]) -> str:
        """What was sealed.

        Raises:
            KeyUnreadable: it was sealed for another context, or by a server with another secret.
        """
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, rest, _bytes_of(context)).decode()
        except InvalidTag as error:
            raise KeyUnreadable(
                "The provider's API key cannot be read: this server's secret_key is another one than when it was set",
                remedy="Set the provider's API key again, under Settings, AI providers.",
            ) from error


def _bytes_of(context: tuple[str, ...]) -> bytes:
    return "\0".join(context).encode()
