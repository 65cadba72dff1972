"""Keys of other people's servers, sealed: they have to be sent again, so no hash will do."""

from weft.kit.errors import Unprocessable
from weft.kit.seal import Seal, SealBroken

_PURPOSE = b"weft provider keys 1"


class KeyUnreadable(Unprocessable):
    """The key was sealed under another secret of the server."""

    code = "provider_key_unreadable"


class KeySeal:
    """Seals and opens them."""

    def __init__(self, secret: bytes) -> None:
        self._seal = Seal(secret, _PURPOSE)

    def close(self, key: str, context: tuple[str, ...]) -> bytes:
        """`key`, sealed for `context`."""
        return self._seal.close(key, context)

    def open(self, sealed: bytes, context: tuple[str, ...]) -> str:
        """What was sealed.

        Raises:
            KeyUnreadable: it was sealed for another context, or by a server with another secret.
        """
        try:
            return self._seal.open(sealed, context)
        except SealBroken as error:
            raise KeyUnreadable(
                "The provider's API key cannot be read: this server's secret_key is another one than when it was set",
                remedy="Set the provider's API key again, under Settings, AI providers.",
            ) from error
