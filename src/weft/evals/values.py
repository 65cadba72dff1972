"""Somebody's JSON, of which only so much is known."""

from typing import Any, cast


def object_in(value: Any) -> dict[str, Any]:
    """`value` if it is an object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def list_in(value: Any) -> list[Any]:
    """`value` if it is a list, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def text_in(value: Any) -> str | None:
    """`value` if it is a text."""
    return value if isinstance(value, str) else None
