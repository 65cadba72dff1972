"""The Messages API as a dialect: what `dialects/exchange.py` needs of it.

The key comes in `x-api-key`, as Anthropic's clients send it, or in `Authorization`. `anthropic-version` and
`anthropic-beta` are not looked at: there is one version of this door.
"""

from collections.abc import Mapping

from msgspec import json, structs

from weft.gateway.dialects.errand import TranslatedErrand
from weft.gateway.dialects.messages.answer import MessageStream, error_body, whole_message
from weft.gateway.dialects.messages.request import FORM, chat_payload, read_request
from weft.gateway.dialects.messages.shapes import TokenCount
from weft.gateway.dialects.types import Headers, Translator
from weft.gateway.errands.tokens.errand import TokenizeErrand
from weft.gateway.errands.tokens.shapes import TokenizeAnswer
from weft.gateway.errands.types import Errand
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.rules import require

NAMES: Mapping[str, str] = {
    "max_completion_tokens": "max_tokens",
    "stop": "stop_sequences",
    "chat_template_kwargs.enable_thinking": "thinking",
    "chat_template_kwargs": "thinking",
    "reasoning_effort": "output_config.effort",
    "response_format": "output_config.format",
    "user": "metadata.user_id",
    "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
}
"""What a client calls what the door calls by OpenAI's names."""


class MessagesDialect:
    """See `Dialect`."""

    def read(self, payload: bytes, bounds: Bounds, /) -> Errand:
        """See `Dialect.read`."""
        request = read_request(payload, bounds)
        require(request.max_tokens, "max_tokens")
        return TranslatedErrand.of(chat_payload(request), bounds, NAMES)

    def credentials(self, headers: Headers) -> Headers:
        """See `Dialect.credentials`. A key in both places has to be the same: the door refuses two that differ."""
        keys = [value for name, value in headers if name == b"x-api-key"]
        if not keys:
            return headers
        return [*headers, *((b"authorization", b"Bearer " + key.strip()) for key in keys)]

    def lines(self, request_id: str) -> bytes:
        """See `Dialect.lines`."""
        return b"request-id: %b\r\n" % request_id.encode()

    def translator(self, payload: bytes, request_id: str) -> Translator:
        """See `Dialect.translator`."""
        return MessageStream(request_id, shows_thinking=_shows_thinking(payload))

    def whole(self, payload: bytes, completion: bytes, request_id: str) -> bytes:
        """See `Dialect.whole`."""
        return whole_message(completion, request_id, shows_thinking=_shows_thinking(payload))

    def error(self, status: int, envelope: bytes, request_id: str) -> bytes:
        """See `Dialect.error`."""
        return error_body(status, envelope, request_id)


class CountDialect(MessagesDialect):
    """`POST /v1/messages/count_tokens`: the same request, whose tokens are counted."""

    def read(self, payload: bytes, bounds: Bounds, /) -> Errand:
        """See `Dialect.read`."""
        request = structs.replace(read_request(payload, bounds), stream=None)
        chat = TranslatedErrand.of(chat_payload(request), bounds, NAMES)
        return TokenizeErrand.of_chat(chat)

    def whole(self, payload: bytes, completion: bytes, request_id: str) -> bytes:  # noqa: ARG002
        """See `Dialect.whole`."""
        return json.encode(TokenCount(json.decode(completion, type=TokenizeAnswer).count))


def _shows_thinking(payload: bytes) -> bool:
    return FORM.again(payload).shows_thinking
