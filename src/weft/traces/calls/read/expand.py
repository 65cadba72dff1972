"""Columns whose values are references, with what those stand for: to filter and sort by, and to send.

Databases cannot follow references, so this happens here: SQL finds the calls that everything else fits, their
references are read in batches, and the rest of the query is evaluated in Python (`query.evaluate`), within bounds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from weft.kit.errors import InvalidRequest
from weft.traces.json_text import load
from weft.traces.query.ast import All, Condition, paths_of
from weft.traces.query.compile import SortBy
from weft.traces.query.evaluate import Moment, evaluate, sort_key, walk
from weft.traces.query.fields import UnknownField
from weft.traces.query.paths import Step, split_path
from weft.traces.refs import PREFIX

COLUMNS = 16
SCANNED = 20_000
"""Calls whose references are read for one query; a query that leaves more has to be narrowed."""
SCANNED_BYTES = 256 * 1024 * 1024
_TEXTS = ("inputs", "output", "attributes", "summary")
_COPIED = frozenset(
    {
        *("id", "trace_id", "parent_id", "op_name", "display_name", "thread_id", "turn_id"),
        *("wb_user_id", "wb_run_id", "wb_run_step", "wb_run_step_end"),
    }
)

Resolve = Callable[[Sequence[str]], Mapping[str, Any]]
"""From references to the values of those that lead to something."""
Document = dict[str, Any]
"""The texts of one call, read, by their names."""


class Resolver:
    """Reads references for one request; each once."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._known: dict[str, Any] = {}

    def values(self, refs: Sequence[str]) -> Mapping[str, Any]:
        """What references stand for; those that lead nowhere are missing."""
        missing = [ref for ref in dict.fromkeys(refs) if ref not in self._known]
        if missing:
            found = self._resolve(missing)
            self._known.update((ref, found.get(ref)) for ref in missing)
        return {ref: self._known[ref] for ref in refs if self._known[ref] is not None}


class Expansion:
    """The columns that are expanded."""

    def __init__(self, columns: Sequence[str]) -> None:
        """Take the columns apart.

        Raises:
            InvalidRequest: there are too many, or one that has no references.
        """
        if len(columns) > COLUMNS:
            raise InvalidRequest(f"at most {COLUMNS} columns are expanded", param="expand_columns")
        self.paths = sorted({split_path(column) for column in columns}, key=len)
        for path in self.paths:
            if path[0] not in _TEXTS or (len(path) == 1 and path[0] != "output"):
                raise UnknownField(".".join(map(str, path)), "inputs.*, output.*")

    def concerns(self, path: str) -> bool:
        """Whether a path leads through a reference."""
        steps = split_path(path)
        return any(len(steps) > len(own) and steps[: len(own)] == own for own in self.paths)

    def split(self, query: Condition | None) -> tuple[Condition | None, Condition | None]:
        """What of a query SQL can do, and what is left."""
        if query is None:
            return None, None
        parts = query.parts if isinstance(query, All) else (query,)
        left = [part for part in parts if any(map(self.concerns, paths_of(part)))]
        done = [part for part in parts if part not in left]
        return All(tuple(done)) if done else None, All(tuple(left)) if left else None

    def documents(
        self, rows: Sequence[Any], texts: Sequence[str], resolver: Resolver, *, mark: bool = False
    ) -> list[Document]:
        """The texts of rows with their columns expanded; with `mark`, an object says in `_ref` what it was."""
        found: list[Document] = []
        for row in rows:
            kept = {name: getattr(row, name) for name in texts if name in _TEXTS}
            found.append({name: None if t is None else load(t) for name, t in kept.items()})
        for path in self.paths:
            places = [(doc, walk(doc, path)) for doc in found if path[0] in doc]
            refs = [ref for _doc, ref in places if isinstance(ref, str) and ref.startswith(PREFIX)]
            values = resolver.values(refs)
            for doc, ref in places:
                if isinstance(ref, str) and ref in values:
                    _put(doc, path, _marked(values[ref], ref) if mark else values[ref])
        return found

    def texts(self, names: Sequence[str]) -> list[str]:
        """Of these texts, those that have expanded columns."""
        return [name for name in names if any(path[0] == name for path in self.paths)]


def matching(
    rows: Iterator[tuple[Any, Document]],
    left: Condition | None,
    sort_by: Sequence[SortBy] | None,
) -> list[Any]:
    """Of rows and what stands in them, those that the rest of a query leaves, sorted if that is left too."""
    kept: list[tuple[Any, Callable[[str], Any]]] = []
    for row, document in rows:
        lookup = _lookup(row, document)
        if left is None or evaluate(left, lookup):
            kept.append((row, lookup))
    for sort in reversed(sort_by or ()):
        kept.sort(key=lambda item: sort_key(item[1](sort.field), ascending=sort.ascending))
    return [row for row, _lookup in kept]


def _lookup(row: Any, document: Document) -> Callable[[str], Any]:
    def lookup(path: str) -> Any:
        if path in {"started_at", "ended_at"}:
            us = getattr(row, f"{path}_us")
            return None if us is None else Moment(us)
        if path in _COPIED:
            return getattr(row, path)
        first, *rest = split_path(path)
        if path.startswith("summary.weave."):
            return _derived(row, str(rest[-1]))
        if first not in document:
            raise UnknownField(path, "those that can be used together with expanded columns")
        return walk(document[str(first)], rest)

    return lookup


def _derived(row: Any, name: str) -> Any:
    """What the server says of a call itself: `fields.columns_of`, in Python."""
    if name == "latency_ms":
        if row.ended_at_us is None:
            return None
        return max(row.ended_at_us - row.started_at_us, 0) // 1000
    if name == "total_tokens":
        return row.input_tokens + row.output_tokens
    column = "op" if name == "trace_name" else name
    known = {"status", "op", "display_name", "model", "input_tokens", "output_tokens"}
    return getattr(row, column) if column in known else None


def _put(document: Document, path: Sequence[Step], value: Any) -> None:
    place = walk(document, path[:-1])
    if isinstance(place, dict | list):
        cast("Any", place)[path[-1]] = value


def _marked(value: Any, ref: str) -> Any:
    if not isinstance(value, dict):
        return value
    return {"_ref": ref, **cast("dict[str, Any]", value)}
