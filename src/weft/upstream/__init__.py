"""A pooled HTTP/1.1 client for servers that we forward to.

Owns connections, their reuse, their bounds and their errors. Knows nothing of OpenAI, models or
event streams: bytes go out and come in unchanged. Invariant: a request is written at most once,
but for the single case that RFC 9112 describes (see `Pool.send`), and every wait has a timeout.
Sources: RFC 9110 and 9112; llhttp through httptools.

    pool = Pool(origin)
    response = await pool.send(template.render(len(body)), body)
    while data := await response.next(): ...
"""

from weft.upstream.errors import (
    BodyTooLarge,
    ConnectFailed,
    ConnectionClosed,
    ConnectTimeout,
    FirstByteTimeout,
    IdleTimeout,
    ProtocolViolation,
    UpstreamError,
    WriteTimeout,
)
from weft.upstream.origin import Origin
from weft.upstream.pool import Pool
from weft.upstream.request import HeadTemplate, request_head
from weft.upstream.response import Response
from weft.upstream.timeouts import Timeouts

__all__ = [
    "BodyTooLarge",
    "ConnectFailed",
    "ConnectTimeout",
    "ConnectionClosed",
    "FirstByteTimeout",
    "HeadTemplate",
    "IdleTimeout",
    "Origin",
    "Pool",
    "ProtocolViolation",
    "Response",
    "Timeouts",
    "UpstreamError",
    "WriteTimeout",
    "request_head",
]
