"""How errors look to the Weave clients, which show `message` or `reason` of a JSON body and act on `error_code`.

Source: the client's own reading of errors (`weave-protocol.md`, 2.1); the hosted server sends `reason`.
"""

from typing_extensions import override

from weft.kit.errors import Json, NotFound, WeftError
from weft.traces.json_text import dump


class NotSupported(WeftError):
    """A route of the hosted service that this server does not have."""

    status = 501
    code = "not_supported"
    remedy = "what this server answers is listed in docs/reference/weave-api.md"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not supported by this server")

    @override
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Asking again does not help, which the client would do for any other answer from 500 on."""
        return [*super().headers(), (b"x-should-retry", b"false")]


class NoSuchCall(NotFound):
    """There is no such call in the project."""

    code = "no_such_call"


def error_body(error: WeftError) -> bytes:
    """The body of an error, with the remedy in the message: these clients show nothing else."""
    remedy = error.metadata.get("remedy")
    text = error.message if not remedy else f"{error.message.rstrip('.')}. {_sentence(str(remedy))}"
    body: dict[str, Json] = {
        "reason": text,
        "message": text,
        "error_code": error.code or error.type,
    }
    body.update({name: value for name, value in error.metadata.items() if name != "reason"})
    return dump(body).encode()


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."
