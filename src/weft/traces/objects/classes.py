"""What a value says of its own kind: op or object, its class, and the class that decides how it is shown.

A value that the client wrote names its class (`_class_name`) and that class's bases (`_bases`, nearest first). Only
descendants of the client's two roots count, and the base class is the one right below the root.
Source: `weave/trace/serialization/object_class_util.py` of the client 0.54.
"""

from dataclasses import dataclass
from typing import Any, cast

from weft.kit.errors import InvalidRequest

OP = "op"
OBJECT = "object"
NAME_CHARS = 256
"""Of a class's name, the rest is cut off."""
_ROOTS = frozenset({"Object", "BaseObject"})
_OF_BASE_OBJECT = ["BaseObject", "BaseModel"]
BUILTIN = {
    "Leaderboard": _OF_BASE_OBJECT,
    "AlertSpec": _OF_BASE_OBJECT,
    "AnnotationSpec": _OF_BASE_OBJECT,
    "Provider": _OF_BASE_OBJECT,
    "ProviderModel": _OF_BASE_OBJECT,
    "SavedView": _OF_BASE_OBJECT,
    "ComparisonView": _OF_BASE_OBJECT,
    "LLMStructuredCompletionModel": ["Model", "Object", "BaseModel"],
    "AgentDashboard": _OF_BASE_OBJECT,
}
"""The classes that a caller may name for a plain value, with their bases."""


class BadObject(InvalidRequest):
    """An object cannot be kept as it was sent."""

    code = "invalid_object"
    status = 422


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of a value; None where it names none that counts."""

    base: str | None = None
    leaf: str | None = None


def kind_of(value: Any) -> str:
    """`op` or `object`."""
    weave_type = _fields(_fields(value).get("weave_type"))
    return OP if weave_type.get("type") == "Op" else OBJECT


def classes_of(value: Any) -> Classes:
    """The classes that a value names."""
    fields = _fields(value)
    said: Any = fields.get("_bases")
    leaf = fields.get("_class_name")
    bases = cast("list[Any]", said) if isinstance(said, list) else []
    if not isinstance(leaf, str) or len(bases) < 2:
        return Classes()
    *above, root, last = bases
    if last != "BaseModel" or root not in _ROOTS:
        return Classes()
    return Classes(_word(above[-1]) if above else _word(leaf), _word(leaf))


def with_builtin_class(value: Any, name: str) -> Any:
    """A plain value as one of the class `name`, as the client would have written it.

    Raises:
        BadObject: there is no such class, or the value is of another.
    """
    if not isinstance(value, dict):
        raise BadObject("only an object's fields can have a class", param="builtin_object_class")
    said = classes_of(value)
    if said.leaf is not None:
        if said.leaf != name:
            raise BadObject(
                f"the value is of class {said.leaf[:100]}, not {name[:100]}",
                param="builtin_object_class",
            )
        return cast("Any", value)
    bases = BUILTIN.get(name)
    if bases is None:
        raise BadObject(
            f"there is no class {name[:100]!r} to make of it",
            param="builtin_object_class",
            remedy=f"name one of {', '.join(sorted(BUILTIN))}, or none",
        )
    plain = {"name": None, "description": None, **_fields(value)}
    return {"_type": name, **plain, "_class_name": name, "_bases": list(bases)}


def _fields(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _word(said: Any) -> str:
    """A class's name as both databases can hold it: publishing must not fail for it."""
    return str(said)[:NAME_CHARS].replace("\0", "\N{REPLACEMENT CHARACTER}")
