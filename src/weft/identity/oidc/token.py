"""The check of an ID token (OpenID Connect Core 1.0, 3.1.3.7), by joserfc. Pure: keys and time are handed in."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet

from weft.identity.oidc.types import NoEntry

TOKEN_LIMIT_CHARS = 32_768
SUBJECT_LIMIT_CHARS = 255
LEEWAY_S = 60
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""Signatures by keys of the provider's alone: none, and those by a shared secret, are not among them."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say."""

    issuer: str
    client_id: str
    nonce: str


class _Header(msgspec.Struct):
    kid: str | None = None


def key_id_of(token: str) -> str | None:
    """The key that a token says it is signed with; nothing of it is proven.

    Raises:
        NoEntry: it is no token.
    """
    if len(token) > TOKEN_LIMIT_CHARS:
        raise NoEntry("oidc_token", "the ID token is too long")
    head = token.partition(".")[0]
    try:
        raw = base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
        return msgspec.json.decode(raw, type=_Header).kid
    except (ValueError, msgspec.MsgspecError) as error:
        raise NoEntry("oidc_token", "the ID token cannot be read") from error


def check_token(token: str, keys: KeySet, expected: Expected, now: datetime) -> dict[str, Any]:
    """The claims of a token that is the provider's, for this server, for this sign-in, and still good.

    Raises:
        NoEntry: it is not.
    """
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        nonce={"essential": True, "value": expected.nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        registry.validate(claims)
    except ExpiredTokenError as error:
        raise NoEntry("oidc_expired", "the ID token has expired") from error
    except (JoseError, ValueError, TypeError) as error:
        raise NoEntry("oidc_token", f"the ID token: {error!r}"[:200]) from error
    _check_party(claims, expected.client_id)
    if not 0 < len(claims["sub"]) <= SUBJECT_LIMIT_CHARS:
        raise NoEntry("oidc_token", "the subject is too long")
    return claims


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    """Of several audiences, or where it is named, the authorized party has to be this server."""
    audience, party = claims["aud"], claims.get("azp")
    several = isinstance(audience, list) and len(audience) != 1  # pyright: ignore[reportUnknownArgumentType]
    if (several or party is not None) and party != client_id:
        raise NoEntry("oidc_token", "the ID token was made for another client")
