"""ID tokens: what is taken, and everything that is not."""

import base64
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from weft.identity.oidc.token import LEEWAY_S, Expected, check_token, key_id_of
from weft.identity.oidc.types import NoEntry

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
EXPECTED = Expected("https://id.example.com/", "weft", "nonce")
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
KEYS = KeySet([KEY])
CLAIMS: dict[str, Any] = {
    "iss": EXPECTED.issuer,
    "aud": "weft",
    "sub": "somebody",
    "nonce": "nonce",
    "iat": NOW_S,
    "exp": NOW_S + 300,
}


def token(key: RSAKey = KEY, *, alg: str = "RS256", kid: str = "one", **changed: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": kid}, claims, key, algorithms=[alg])


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_token_when_in_order_then_tells_its_claims() -> None:
    assert check_token(token(), KEYS, EXPECTED, NOW)["sub"] == "somebody"
    assert key_id_of(token()) == "one"
    several = token(aud=["other", "weft"], azp="weft")
    assert check_token(several, KEYS, EXPECTED, NOW)["aud"] == ["other", "weft"]
    assert check_token(token(exp=NOW_S - LEEWAY_S + 1), KEYS, EXPECTED, NOW)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"iss": "https://other.example.com/"}, "oidc_token"),
        ({"iss": "https://id.example.com"}, "oidc_token"),
        ({"aud": "other"}, "oidc_token"),
        ({"aud": ["weft", "other"]}, "oidc_token"),
        ({"azp": "other"}, "oidc_token"),
        ({"nonce": "other"}, "oidc_token"),
        ({"nonce": None}, "oidc_token"),
        ({"sub": None}, "oidc_token"),
        ({"sub": ""}, "oidc_token"),
        ({"sub": "s" * 256}, "oidc_token"),
        ({"exp": None}, "oidc_token"),
        ({"exp": NOW_S - LEEWAY_S}, "oidc_expired"),
        ({"iat": NOW_S + LEEWAY_S + 1}, "oidc_token"),
        ({"nbf": NOW_S + LEEWAY_S + 1}, "oidc_token"),
        ({"kid": "two"}, "oidc_token"),
    ],
)
def test_token_when_one_claim_is_off_then_lets_nobody_in(
    changed: dict[str, Any], problem: str
) -> None:
    with pytest.raises(NoEntry) as refused:
        check_token(token(**changed), KEYS, EXPECTED, NOW)
    assert refused.value.problem == problem


def test_token_when_signed_by_another_or_not_at_all_then_lets_nobody_in() -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "one"})
    head, body, mark = token().split(".")
    unsigned = "eyJhbGciOiJub25lIiwia2lkIjoib25lIn0." + body + "."
    # The public key as a shared secret: what lets forgers in where the header's word counts.
    signed = encoded(b'{"alg":"HS256","kid":"one"}') + "." + body
    shared = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    changed = f"{head}.{body}.{mark[:-4]}AAAA"
    for forged in (
        token(stranger),
        unsigned,
        f"{signed}.{encoded(shared)}",
        changed,
        "a.b.c",
        "",
        "x",
    ):
        with pytest.raises(NoEntry) as refused:
            check_token(forged, KEYS, EXPECTED, NOW)
        assert refused.value.problem == "oidc_token"


@pytest.mark.parametrize("text", ["", "x", "%%%.b.c", "W10.b.c", "a" * 40_000])
def test_key_id_when_the_token_is_none_then_lets_nobody_in(text: str) -> None:
    with pytest.raises(NoEntry):
        key_id_of(text)
