"""The authorization code grant with PKCE, by Authlib: the URL to go to, and a code turned into tokens.

Authlib has no types; all that is known of it stands here.
"""

from dataclasses import dataclass
from typing import Any, cast

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from weft.identity.oidc.options import OidcOptions
from weft.identity.oidc.provider import TIMEOUT_S
from weft.identity.oidc.types import Endpoints, NoEntry

_BASIC, _POST, _NONE = "client_secret_basic", "client_secret_post", "none"
_TEXT_LIMIT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Proof:
    """What ties an answer to the browser that asked."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was good for."""

    id_token: str
    access_token: str | None


def authorization_url(
    options: OidcOptions, endpoints: Endpoints, redirect: str, proof: Proof
) -> str:
    """Where to send a browser so that its user signs in."""
    client = _client(options, endpoints, redirect)
    url, _state = client.create_authorization_url(
        endpoints.authorization,
        state=proof.state,
        code_verifier=proof.verifier,
        nonce=proof.nonce,
    )
    return str(url)


async def redeem_code(
    options: OidcOptions, endpoints: Endpoints, redirect: str, *, code: str, verifier: str
) -> Tokens:
    """The tokens for a code that the provider gave a browser.

    Raises:
        NoEntry: the provider is away, or does not take the code, the verifier or the client.
    """
    async with _client(options, endpoints, redirect) as client:
        try:
            told: Any = await client.fetch_token(
                endpoints.token, grant_type="authorization_code", code=code, code_verifier=verifier
            )
        except AuthlibBaseError as error:
            said = f"{error.error}: {error.description}"
            raise NoEntry("oidc_refused", said[:_TEXT_LIMIT_CHARS]) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise NoEntry("oidc_away", repr(error)[:_TEXT_LIMIT_CHARS]) from error
        except ValueError as error:  # no JSON
            raise NoEntry("oidc_refused", "the token endpoint answered no tokens") from error
    id_token, access_token = told.get("id_token"), told.get("access_token")
    if not isinstance(id_token, str):
        raise NoEntry("oidc_refused", "the token endpoint answered no ID token")
    return Tokens(id_token, access_token if isinstance(access_token, str) else None)


def _client(options: OidcOptions, endpoints: Endpoints, redirect: str) -> Any:
    """A client of this provider; `Any`, because Authlib's has no types."""
    if not options.client_secret:
        method = _NONE
    elif _BASIC not in endpoints.auth_methods and _POST in endpoints.auth_methods:
        method = _POST
    else:
        method = _BASIC
    return cast("Any", AsyncOAuth2Client)(
        client_id=options.client_id,
        client_secret=options.client_secret or None,
        token_endpoint_auth_method=method,
        scope=options.scopes,
        redirect_uri=redirect,
        code_challenge_method="S256",
        timeout=TIMEOUT_S,
        follow_redirects=False,
    )
