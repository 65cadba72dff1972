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


@dataclass(frozen=True, slots=True)
class Selection:
    """The fields of an answer, and of its texts the paths that are wanted if not the whole."""

    names: frozenset[str]
    parts: Mapping[str, Sequence[tuple[Step, ...]]]

    def cut(self, name: str, text: str) -> str:
        """Of a text, what is wanted."""
        paths = self.parts.get(name)
        return text if not paths else dump(pick(load(text), paths))


ALL = Selection(frozenset({*ALWAYS, *TEXTS, *_PLAIN}), {})


def select_columns(columns: Sequence[str] | None) -> Selection:
    """The selection that `columns` names.

    Raises:
        InvalidRequest: there are too many, or one that there is not.
    """
    if columns is None:
        return ALL
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
        frozenset(names), {name: paths for name, paths in parts.items() if name not in whole}
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


def raw(text: str) -> msgspec.Raw:
    """A kept text as part of a line: breaks between its tokens, the only ones that it may have, become spaces."""
    if "\n" in text or "\r" in text:
        text = text.replace("\n", " ").replace("\r", " ")
    return msgspec.Raw(text.encode())
