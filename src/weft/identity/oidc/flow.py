"""A sign-in on its way: kept in a sealed cookie of the browser that began it, so that any gateway can finish it.

Invariant: what comes back is what was sealed here, within `FLOW_TTL_S`, by the same server's secret.
"""

import base64
import hmac
import secrets

import msgspec

from weft.identity.oidc.grant import Proof
from weft.identity.secrets import keyed_hash

FLOW_COOKIE = "weft_oidc"
FLOW_TTL_S = 600
COOKIE_LIMIT_CHARS = 4096
_PURPOSE = "oidc-flow"


class Flow(msgspec.Struct, frozen=True):
    """What has to be known when the browser comes back."""

    state: str
    nonce: str
    verifier: str
    back: str
    began_s: int
    """Seconds since the Unix epoch."""
    redirect: str
    """The redirect URL that was asked with; the code is bound to it."""
    user_id: str | None = None
    """Who is signed in and connects an account; None: somebody signs in."""

    @property
    def proof(self) -> Proof:
        """What ties the answer to this browser."""
        return Proof(self.state, self.nonce, self.verifier)


def begin(back: str, redirect: str, now_s: int, user_id: str | None = None) -> Flow:
    """A new one, with fresh secrets: 256 random bits each."""
    return Flow(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        back=back,
        began_s=now_s,
        redirect=redirect,
        user_id=user_id,
    )


def seal(flow: Flow, secret: bytes) -> str:
    """The value of its cookie."""
    body = base64.urlsafe_b64encode(msgspec.json.encode(flow))
    return f"{body.decode()}.{keyed_hash(secret, _PURPOSE, body)}"


def unseal(value: str | None, secret: bytes, now_s: int) -> Flow | None:
    """What was sealed, unless it was made up, changed or too old."""
    if not value or len(value) > COOKIE_LIMIT_CHARS:
        return None
    body, _, mark = value.partition(".")
    try:
        raw = body.encode("ascii")
        if not hmac.compare_digest(keyed_hash(secret, _PURPOSE, raw).encode(), mark.encode()):
            return None
        flow = msgspec.json.decode(base64.urlsafe_b64decode(raw), type=Flow)
    except (ValueError, msgspec.MsgspecError):
        return None
    return flow if 0 <= now_s - flow.began_s <= FLOW_TTL_S else None
