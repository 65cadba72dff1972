"""The door's refusals in the form that the Weave clients read."""

from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import Response

from weft.evals.door import Reply
from weft.traces.json_text import dump

_TEXT_CHARS = 2000
_PASSED_ON = ("retry-after", "x-should-retry")


class _Told(msgspec.Struct):
    message: str = ""
    type: str | None = None
    code: str | None = None
    metadata: dict[str, Any] = {}


class _Envelope(msgspec.Struct):
    error: _Told


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the door, or an engine behind it, did not answer."""

    status: int
    code: str
    message: str
    metadata: dict[str, Any]
    headers: dict[str, str]

    @classmethod
    def of(cls, reply: Reply, body: bytes) -> "Refusal":
        """What an answer other than 200 says."""
        told = read_error(body)
        headers = {name: value for name in _PASSED_ON if (value := reply.header(name))}
        return cls(
            reply.status,
            told.code or told.type or "server_error",
            told.message or body[:_TEXT_CHARS].decode("utf-8", "replace"),
            told.metadata,
            headers,
        )

    def response(self, **more: Any) -> Response:
        """As an HTTP answer, with the remedy in the message: these clients show nothing else."""
        remedy = self.metadata.get("remedy")
        text = f"{self.message.rstrip('.')}. {remedy}" if remedy else self.message
        body = {"reason": text, "message": text, "error_code": self.code, **more}
        body.update({k: v for k, v in self.metadata.items() if k not in body})
        return Response(
            msgspec.json.encode(body), self.status, self.headers, media_type="application/json"
        )

    @property
    def exception(self) -> str:
        """As a call's exception."""
        return exception_text(self.code, self.message)


def read_error(body: bytes) -> _Told:
    """The error that a body in OpenAI's form tells of; an empty one if it tells of none."""
    try:
        return msgspec.json.decode(body, type=_Envelope).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Told()


def exception_text(kind: str, message: str) -> str:
    """An exception as the Weave clients write one into a call."""
    return dump({"type": kind, "message": message[:_TEXT_CHARS], "traceback": []})
