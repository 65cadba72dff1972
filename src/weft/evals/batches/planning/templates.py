"""Templates with `{{places}}`, as people write them, in the client's form: `{places}`, and other braces doubled."""

import re
from collections.abc import Mapping

from weft.kit.errors import Unprocessable

_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class BadTemplate(Unprocessable):
    """A template names something that no row has, or that cannot be named in one."""

    code = "bad_template"


def client_template(text: str, places: Mapping[str, str]) -> str:
    """`text` as the client formats it; `places` says for every name what is to stand there, in the client's form.

    Raises:
        BadTemplate: it names something else.
    """
    parts: list[str] = []
    last = 0
    for found in _PLACE.finditer(text):
        name = found[1]
        if name not in places:
            raise BadTemplate(
                f"the template names {name[:100]!r}, which is no field of the dataset's rows;"
                f" there are: {', '.join(sorted(places))[:500]}",
                remedy="Name one of these between double braces.",
            )
        parts += [_doubled(text[last : found.start()]), places[name]]
        last = found.end()
    return "".join([*parts, _doubled(text[last:])])


def place_of(field: str) -> str:
    """The place of a row's field in the client's form.

    Raises:
        BadTemplate: the client has no place for such a name.
    """
    if not _NAME.match(field):
        raise BadTemplate(
            f"the field {field[:100]!r} cannot stand in a template",
            remedy="Name fields with letters, digits and underscores.",
        )
    return f"{{{field}}}"


def places_of(fields: list[str]) -> dict[str, str]:
    """The places of all fields that can have one."""
    return {field: place_of(field) for field in fields if _NAME.match(field)}


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
