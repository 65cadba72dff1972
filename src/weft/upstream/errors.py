"""What can go wrong between this side and an upstream server.

    UpstreamError
    ├── ConnectFailed       refused, unknown host, TLS not trusted, or the pool is closed
    ├── ConnectTimeout      no connection within `connect_s`
    ├── WriteTimeout        the peer stopped reading the request for `write_s`
    ├── FirstByteTimeout    no complete response head within `first_byte_s`
    ├── IdleTimeout         the body stopped arriving for `idle_s`
    ├── ConnectionClosed    closed or reset too early, or aborted from this side
    ├── ProtocolViolation   not HTTP/1.1 as RFC 9112 writes it, or a head beyond its bound
    └── BodyTooLarge        the body is longer than the reader allows

Owns the names and the two facts a caller needs to decide about a retry. Knows nothing of what a
request means. Invariant: `sent` is False only if certainly no byte of the request left this side.
"""

__all__ = [
    "BodyTooLarge",
    "ConnectFailed",
    "ConnectTimeout",
    "ConnectionClosed",
    "FirstByteTimeout",
    "IdleTimeout",
    "ProtocolViolation",
    "UpstreamError",
    "WriteTimeout",
]


class UpstreamError(Exception):
    """An exchange with an upstream server failed."""

    sent: bool
    """Whether any byte of the request may have reached the peer."""
    responded: bool
    """Whether any byte of a response was seen."""

    def __init__(self, message: str, *, sent: bool, responded: bool) -> None:
        super().__init__(message)
        self.sent = sent
        self.responded = responded


class ConnectFailed(UpstreamError):
    """No connection could be made; the request was not sent and may go elsewhere."""


class ConnectTimeout(UpstreamError):
    """No connection within `connect_s`; the request was not sent and may go elsewhere."""


class WriteTimeout(UpstreamError):
    """The peer stopped reading the request."""


class FirstByteTimeout(UpstreamError):
    """The response head was not complete in time."""


class IdleTimeout(UpstreamError):
    """The response body stopped arriving."""


class ConnectionClosed(UpstreamError):
    """The connection ended before the response did."""


class ProtocolViolation(UpstreamError):
    """The peer sent something that is not a bounded, unambiguous HTTP/1.1 response."""


class BodyTooLarge(UpstreamError):
    """The response body is longer than the reader was willing to hold."""
