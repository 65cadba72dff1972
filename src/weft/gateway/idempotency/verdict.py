"""Which answers are kept: those that say the same however often one asks, and those an engine may have worked for.

Not kept is what only says that the work was not begun (no right, no credit, no room): a retry shall be able to work. So
does Stripe, which keeps what came after an endpoint began to execute.
"""

import msgspec

from weft.gateway.idempotency.types import Last

NEVER_BEGUN = frozenset({401, 402, 403, 408, 409, 413, 429, 499, 503})
"""503 is also an engine's own refusal for want of room. It says when to come back, so coming back has to help."""
_DONE = b"data: [DONE]\n\n"


class _Metadata(msgspec.Struct):
    sent: bool = True


class _Error(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _Envelope(msgspec.Struct):
    error: _Error = msgspec.field(default_factory=_Error)


_decode = msgspec.json.Decoder(_Envelope).decode


def is_kept(last: Last, *, was_cut: bool) -> bool:
    """Whether later uses of the key get the answer that ends with `last`; `was_cut`: the server stopped the work."""
    if last.is_stream:
        return not was_cut or last.data.endswith(_DONE)
    if last.status in NEVER_BEGUN:
        return False
    return last.status != 502 or _may_have_been_sent(last.data)


def _may_have_been_sent(envelope: bytes) -> bool:
    """Whether an engine may have seen the request: the error of a connection that failed says so."""
    try:
        return _decode(envelope).error.metadata.sent
    except msgspec.DecodeError:
        return True
