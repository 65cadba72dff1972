"""What can be wrong with a key, each with what to do about it."""

from weft.gateway.idempotency.types import BODY_LIMIT_BYTES, KEY_HEADER, KEY_LIMIT_CHARS
from weft.kit.errors import InvalidRequest, Overloaded, WeftError


class InvalidKey(InvalidRequest):
    """The header is empty, too long, or there twice with different values."""

    code = "invalid_idempotency_key"
    remedy = f"send one {KEY_HEADER} of 1 to {KEY_LIMIT_CHARS} characters, such as a UUID, or none"

    def __init__(self, message: str) -> None:
        super().__init__(message, param=KEY_HEADER)


class KeyReused(InvalidRequest):
    """The key was used for another request within 24 hours: other parameters, another path or other rights."""

    code = "idempotency_key_reused"
    remedy = "use a new key for a new request; to retry, send the first request again byte by byte"

    def __init__(self) -> None:
        super().__init__(
            f"This {KEY_HEADER} was used with other parameters within the last 24 hours",
            param=KEY_HEADER,
        )


class InProgress(WeftError):
    """Another server process works on the first request with this key, and takes longer than one waits here."""

    status = 409
    type = "invalid_request_error"
    code = "idempotency_in_progress"
    remedy = "send the same request with the same key again after the stated time"


class AnswerTooLarge(WeftError):
    """The first request with this key was answered, and charged, but its answer is too large to be kept."""

    status = 409
    type = "invalid_request_error"
    code = "idempotency_answer_too_large"
    remedy = (
        "ask for a shorter answer with a new key; the usage record of `request_id` tells the cost"
    )

    def __init__(self, request_id: str) -> None:
        super().__init__(
            f"The answer to the first request with this {KEY_HEADER} is over {BODY_LIMIT_BYTES} bytes"
            " and was not kept",
            param=KEY_HEADER,
            metadata={"request_id": request_id, "max": BODY_LIMIT_BYTES},
        )

    def headers(self) -> list[tuple[bytes, bytes]]:
        """OpenAI's clients retry a 409 by themselves; this one stays."""
        return [*super().headers(), (b"x-should-retry", b"false")]


class TooMuchKept(Overloaded):
    """The answers that are being made for keys, or sent again, take all the memory that they may."""

    code = "overloaded"
    remedy = "retry after the stated time"
