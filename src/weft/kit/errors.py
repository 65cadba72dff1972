"""The one error tree. Every class fixes its HTTP status and the words of OpenAI's envelope.

::

    WeftError
    ├── InvalidRequest        400   the request must be changed
    │   └── ContextTooLong    400   fewer or shorter messages
    ├── NotAuthenticated      401   another key, or another team/project
    ├── Unpaid                402   pay, or have a cap raised
    ├── NotPermitted          403   ask an admin for the right
    ├── NotFound              404   another id or path
    ├── MethodNotAllowed      405   another method
    ├── RequestTimeout        408   send the request faster
    ├── PayloadTooLarge       413   a smaller body
    ├── Unprocessable         422   leave the named parameter out
    ├── Refused               429   wait, or have a limit raised
    ├── InternalError         500   tell whoever runs the server
    ├── EngineFailed          502   retry; the engine died or talked nonsense
    ├── Overloaded            503   retry after the stated time
    ├── EngineTimeout         504   retry; the engine was silent too long
    └── CannotStart           never sent: the command ends with one clear line

Domain errors subclass these next to the verb that raises them. The envelope is that of OpenAI's API
reference (error object: message, type, param, code; read 2026-11), so that the official clients raise
their own exception classes; `metadata` is ours and says what to do.
"""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class WeftError(Exception):
    """An operating error that a caller sees; `remedy` is what that caller can do about it."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    code: str | None = None
    remedy: ClassVar[str] = "retry after a short wait; tell whoever runs the server if it stays"
    """What to do about errors of this class that do not say so themselves."""

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        remedy: str | None = None,
        metadata: Mapping[str, Json] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after_s = retry_after_s
        self.metadata: dict[str, Json] = dict(metadata or {})
        if remedy is not None or "remedy" not in self.metadata:
            self.metadata["remedy"] = remedy or self.remedy
        if retry_after_s is not None:
            self.metadata["retry_after_s"] = retry_after_s

    def envelope(self) -> bytes:
        """The JSON body in OpenAI's shape."""
        error: dict[str, Json] = {
            "message": self.message,
            "type": self.type,
            "param": self.param,
            "code": self.code,
        }
        if self.metadata:
            error["metadata"] = self.metadata
        return msgspec.json.encode({"error": error})

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Headers that belong to the refusal, besides content-type and content-length."""
        if self.retry_after_s is None:
            return []
        return [(b"retry-after", b"%d" % self.retry_after_s)]


class InvalidRequest(WeftError):
    """The request is malformed or asks for what cannot be; changing it helps, retrying does not."""

    status = 400
    type = "invalid_request_error"
    remedy = "change the request as the message says; sending it again as it is does not help"


class ContextTooLong(InvalidRequest):
    """Prompt and completion do not fit the model's context window."""

    code = "context_length_exceeded"
    remedy = "send fewer or shorter messages, or ask for fewer tokens"


class NotAuthenticated(WeftError):
    """The key, or the team and project named beside it, are not valid.

    Not `invalid_request_error`: LiteLLM takes that for a 400, and raises its BadRequestError.
    """

    status = 401
    type = "authentication_error"
    code = "invalid_api_key"
    remedy = "send another key, or name another team/project"


class Unpaid(WeftError):
    """There is no credit for this, or a cap stands in the way; only where a setting prefers 402 to 429."""

    status = 402
    type = "insufficient_quota"
    code = "insufficient_quota"
    remedy = "give credit, or have the cap raised"


class NotPermitted(WeftError):
    """The caller is known and lacks the right."""

    status = 403
    type = "permission_error"
    code = "permission_denied"
    remedy = "ask an administrator for the right, or use another key"


class NotFound(WeftError):
    """There is no such thing here."""

    status = 404
    type = "invalid_request_error"
    code = "not_found"
    remedy = "name another id or path; GET /v1/models lists the models, /docs the paths"


class MethodNotAllowed(WeftError):
    """The path exists and takes another method."""

    status = 405
    type = "invalid_request_error"
    code = "method_not_allowed"
    remedy = "use another method; the header Allow names it"


class RequestTimeout(WeftError):
    """The client sent its request too slowly."""

    status = 408
    type = "invalid_request_error"
    code = "request_timeout"
    remedy = "send the request again, faster"


class PayloadTooLarge(WeftError):
    """The body, or a part of it, is over a bound."""

    status = 413
    type = "invalid_request_error"
    code = "payload_too_large"
    remedy = "send less"


class Unprocessable(WeftError):
    """Well-formed, and yet this model cannot do what one parameter asks."""

    status = 422
    type = "invalid_request_error"
    code = "unsupported_parameter"
    remedy = "leave out what `param` names, or choose another model"


class Refused(WeftError):
    """A limit or a rule stands in the way."""

    status = 429
    type = "rate_limit_error"
    code = "rate_limit_exceeded"
    remedy = "wait, or have the limit raised"


class InternalError(WeftError):
    """Our fault."""

    status = 500
    code = "internal_error"
    remedy = "retry after a short wait; tell whoever runs the server, with the x-request-id"


class EngineFailed(WeftError):
    """The engine refused, died, or answered what is no answer."""

    status = 502
    code = "engine_failed"
    remedy = "retry the request; whoever runs the server finds the cause with `weft doctor`"


class Overloaded(WeftError):
    """No room for one more request at the moment."""

    status = 503
    code = "overloaded"
    remedy = "retry after a short wait"


class EngineTimeout(WeftError):
    """The engine was silent for longer than allowed."""

    status = 504
    code = "engine_timeout"
    remedy = "retry the request; whoever runs the server finds the cause in its log"


class CannotStart(WeftError):
    """A command cannot go on; the message is one line that says what to mend."""

    remedy = "mend what the message names, and start again"
