"""Claims as a person: the user name that they suggest, and an e-mail address only if it is verified."""

from collections.abc import Mapping
from typing import Any

from weft.identity.names import EMAIL_LIMIT_CHARS, NAME_LIMIT_CHARS, InvalidName, check_email
from weft.identity.oidc.types import Person


def needed(username_claim: str) -> frozenset[str]:
    """The claims that are asked for at the userinfo endpoint when the token has not got them."""
    return frozenset({username_claim, "email"})


def person_of(claims: Mapping[str, Any], issuer: str, username_claim: str) -> Person:
    """The person of these claims, whose issuer and subject are proven."""
    return Person(
        issuer=issuer,
        subject=claims["sub"],
        username=_username(claims.get(username_claim)),
        email=_verified_email(claims),
    )


def domain_of(email: str) -> str:
    """The part behind the @."""
    return email.rpartition("@")[2].lower()


def _username(told: object) -> str:
    if not isinstance(told, str):
        return ""
    return told.partition("@")[0][: NAME_LIMIT_CHARS + 1]


def _verified_email(claims: Mapping[str, Any]) -> str:
    email = claims.get("email")
    # Some providers write the flag as a text.
    if not isinstance(email, str) or claims.get("email_verified") not in (True, "true"):
        return ""
    try:
        return check_email(email[: EMAIL_LIMIT_CHARS + 1])
    except InvalidName:
        return ""
