"""The Responses API as a dialect: what `dialects/exchange.py` needs of it. Errors have the shape that chats have."""

from collections.abc import Mapping

from weft.gateway.dialects.errand import TranslatedErrand
from weft.gateway.dialects.responses.answer import ResponseStream, whole_response
from weft.gateway.dialects.responses.request import FORM, chat_payload, read_request
from weft.gateway.dialects.types import Headers, Translator
from weft.gateway.errands.types import Errand
from weft.gateway.wire.bounds import Bounds

NAMES: Mapping[str, str] = {
    "messages": "input",
    "max_completion_tokens": "max_output_tokens",
    "max_tokens": "max_output_tokens",
    "logprobs": "include",
    "reasoning_effort": "reasoning.effort",
    "response_format": "text.format",
    "response_format.json_schema.name": "text.format.name",
    "response_format.json_schema.schema": "text.format.schema",
}
"""What a client calls what a chat completion has another name for."""


class ResponsesDialect:
    """See `Dialect`."""

    def read(self, payload: bytes, bounds: Bounds, /) -> Errand:
        """See `Dialect.read`."""
        request = read_request(payload, bounds)
        return TranslatedErrand.of(chat_payload(request), bounds, NAMES)

    def credentials(self, headers: Headers) -> Headers:
        """See `Dialect.credentials`."""
        return headers

    def lines(self, request_id: str) -> bytes:  # noqa: ARG002 - the protocol's signature
        """See `Dialect.lines`."""
        return b""

    def translator(self, payload: bytes, request_id: str) -> Translator:
        """See `Dialect.translator`."""
        return ResponseStream(FORM.again(payload), request_id)

    def whole(self, payload: bytes, completion: bytes, request_id: str) -> bytes:
        """See `Dialect.whole`."""
        return whole_response(FORM.again(payload), completion, request_id)

    def error(self, status: int, envelope: bytes, request_id: str) -> bytes:  # noqa: ARG002 - the same
        """See `Dialect.error`."""
        return envelope
