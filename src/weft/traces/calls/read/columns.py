"""Which fields of calls an answer has: all, or those that `columns` names and the few that always come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from weft.kit.errors import InvalidRequest
from weft.traces.json_text import dump, load
from weft.traces.query.fields import UnknownField
from weft.traces.query.paths import Step, split_path

ALWAYS = frozenset({"id", "project_id", "trace_id", "op_name", "started_at"})
TEXTS = ("attributes", "inputs", "output", "summary")
_PLAIN = (
    *("display_name", "parent_id", "thread_id", "turn_id", "ended_at", "exception", "deleted_at"),
    *("wb_user_id", "wb_run_id", "wb_run_step", "wb_run_step_end", "otel_dump"),
)
_ASKED_FOR = frozenset({"wb_username", "storage_size_bytes", "total_storage_size_bytes"})
LIMIT = 1000
SHORT = 4096
"""Characters of a whole text that is sent as it is, though texts are to be shortened."""
ELEMENTS = 50
"""That are left of a shortened list or object."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The fields of an answer, and of its texts the paths that are wanted if not the whole."""

    names: frozenset[str]
    parts: Mapping[str, Sequence[tuple[Step, ...]]]
    shorten: int = 0
    """Characters that are left of texts in inputs, output and attributes; 0: all."""

    def cut(self, name: str, text: str) -> str:
        """Of a text, what is wanted."""
        paths = self.parts.get(name)
        is_short = not self.shorten or name == "summary" or len(text) <= SHORT
        if is_short:
            return text if not paths else dump(pick(load(text), paths))
        value = load(text)
        return dump(shortened(pick(value, paths) if paths else value, self.shorten))


ALL = Selection(frozenset({*ALWAYS, *TEXTS, *_PLAIN}), {})


def select_columns(columns: Sequence[str] | None, shorten: int = 0) -> Selection:
    """The selection that `columns` names, its long texts cut to `shorten` characters unless that is 0.

    Raises:
        InvalidRequest: there are too many, or one that there is not.
    """
    if columns is None:
        return ALL if not shorten else Selection(ALL.names, {}, shorten)
    if len(columns) > LIMIT:
        raise InvalidRequest(f"columns has at most {LIMIT} fields", param="columns")
    names = set(ALWAYS)
    parts: dict[str, list[tuple[Step, ...]]] = {}
    whole: set[str] = set()
    for column in columns:
        first, *rest = split_path(column)
        name = str(first)
        if (name not in ALL.names and name not in _ASKED_FOR) or (rest and name not in TEXTS):
            raise UnknownField(column)
        names.add(name)
        if rest:
            parts.setdefault(name, []).append(tuple(rest))
        else:
            whole.add(name)
    return Selection(
        frozenset(names),
        {name: paths for name, paths in parts.items() if name not in whole},
        shorten,
    )


def pick(value: Any, paths: Sequence[tuple[Step, ...]]) -> dict[str, Any]:
    """Of an object, the places that paths lead to, as deep as they were; a list comes whole."""
    picked: dict[str, Any] = {}
    for path in paths:
        source, target = value, picked
        for at, step in enumerate(path):
            if not isinstance(step, str) or not isinstance(source, dict) or step not in source:
                break
            source = source[step]  # pyright: ignore[reportUnknownVariableType]
            if at + 1 == len(path) or not isinstance(source, dict):
                target[step] = source
                break
            inner = target.setdefault(step, {})
            if inner is source:  # it is there as a whole
                break
            target = inner
    return picked


def shortened(value: Any, most: int) -> Any:
    """A value for a look at it: texts of at most `most` characters, lists and objects of few elements."""
    if isinstance(value, str):
        return value if len(value) <= most else f"{value[:most]}…"
    if isinstance(value, list):
        return [shortened(one, most) for one in value[:ELEMENTS]]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        some = list(value.items())[:ELEMENTS]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return {key: shortened(one, most) for key, one in some}  # pyright: ignore[reportUnknownVariableType]
    return value


def raw(text: str) -> msgspec.Raw:
    """A kept text as part of a line: breaks between its tokens, the only ones that it may have, become spaces."""
    if "\n" in text or "\r" in text:
        text = text.replace("\n", " ").replace("\r", " ")
    return msgspec.Raw(text.encode())
