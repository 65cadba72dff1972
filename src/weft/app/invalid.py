"""What FastAPI's validation found, in our envelope: a sentence, a code, and the name of the field.

Owns the words for requests to `/api`; those to the door are checked in `gateway/wire`. Invariant: no value that was
sent is repeated, and of names only a few printable characters.
"""

from collections.abc import Mapping
from typing import Any

from weft.kit.errors import InvalidRequest

_SHOWN_CHARS = 64
_OBJECT = "send a JSON object, with the header `Content-Type: application/json`"
_FIELDS = "leave the field out, or correct its name; /docs lists the fields of every path"


def invalid_request(found: Mapping[str, Any]) -> InvalidRequest:
    """`found`, one of pydantic's error details as FastAPI passes it on, as the error to answer with."""
    kind: str = found["type"]
    where: tuple[str | int, ...] = found["loc"][1:]
    name = _name(where)
    shown = ascii(name)
    if kind == "json_invalid":
        message = f"The body is not valid JSON: {found['ctx']['error']}, at character {where[0]}."
        return _coded(InvalidRequest(message, remedy=_OBJECT), code="invalid_json")
    if not where:
        what = "missing" if kind == "missing" else "not a JSON object"
        return _coded(InvalidRequest(f"The body is {what}.", remedy=_OBJECT), code="invalid_type")
    if kind == "missing":
        error = InvalidRequest(f"The field {shown} has to be there.", param=name, remedy="add it")
        return _coded(error, code="missing_required_parameter")
    if kind == "extra_forbidden":
        error = InvalidRequest(f"There is no field {shown} here.", param=name, remedy=_FIELDS)
        return _coded(error, code="unknown_field")
    said: str = found["msg"].removeprefix("Value error, ")
    error = InvalidRequest(f"Invalid value for {shown}: {said[:1].lower()}{said[1:]}.", param=name)
    is_type = kind.endswith(("_type", "_parsing"))
    return _coded(error, code="invalid_type" if is_type else "invalid_value")


def _name(where: tuple[str | int, ...]) -> str:
    """`models[0]`: as the door names places."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return "".join(parts).removeprefix(".")[:_SHOWN_CHARS]


def _coded(error: InvalidRequest, *, code: str) -> InvalidRequest:
    error.code = code
    return error
