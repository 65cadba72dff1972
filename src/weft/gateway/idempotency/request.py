"""What a request says about its key, and what makes two requests the same."""

import hashlib
from collections.abc import Sequence

from weft.gateway.exchange import Exchange
from weft.gateway.idempotency.refusals import InvalidKey
from weft.gateway.idempotency.types import KEY_HEADER, KEY_LIMIT_CHARS, Use
from weft.identity.types import Principal

_NAME = KEY_HEADER.lower().encode()


def has_key(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether the header is there at all; the one question that every request is asked."""
    for name, _value in headers:  # noqa: SIM110 - every request comes by: a loop is half of what any() costs
        if name == _NAME:
            return True
    return False


def use_of(exchange: Exchange, principal: Principal, path: str) -> Use:
    """The use of its key that a request makes.

    Raises:
        InvalidKey: the header cannot be taken for one key.
    """
    return Use(
        project_id=principal.project_id,
        key=_read_key(exchange.headers),
        digest=_digest(exchange.payload, principal, path),
    )


def _read_key(headers: Sequence[tuple[bytes, bytes]]) -> str:
    values = {value for name, value in headers if name == _NAME}
    if len(values) > 1:
        raise InvalidKey(f"There are several headers {KEY_HEADER}")
    key = values.pop().decode("latin-1").strip()
    if not key:
        raise InvalidKey(f"The header {KEY_HEADER} is empty")
    if len(key) > KEY_LIMIT_CHARS:
        raise InvalidKey(
            f"The {KEY_HEADER} has {len(key)} characters; at most {KEY_LIMIT_CHARS} are allowed"
        )
    return key


def _digest(payload: bytes, principal: Principal, path: str) -> str:
    """Over path, project and body, and over the models that the caller's API key may use.

    So a key that is restricted to other models cannot fetch the answer of one that is not.
    """
    allowed = principal.allowed_models
    rights = "any" if allowed is None else ",".join(sorted(allowed))
    digest = hashlib.sha256()
    for part in (path.encode(), principal.project_id.encode(), rights.encode(), payload):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()
