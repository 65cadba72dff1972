"""One TOML file as it was read: its data, its text's line numbers, and the errors that point into it.

Every mistake in a catalog file ends the start with one line: `file:line: what is wrong; what to write instead`.
"""

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

import msgspec

from weft.catalog.lines import KeyPath, index_lines, line_of
from weft.catalog.shape import CardTable
from weft.kit.errors import CannotStart

TomlValue = str | int | float | bool | date | list["TomlValue"] | dict[str, "TomlValue"]
TomlTable = dict[str, TomlValue]

MERGED_TABLES = frozenset({"capabilities", "engines", "serving"})
MAX_FILE_BYTES = 256 * 1024
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that parsed and has no unknown key."""

    path: Path
    table: TomlTable
    lines: Mapping[KeyPath, int]

    def holds(self, path: KeyPath) -> bool:
        """Whether this file itself sets the value at `path`."""
        value: TomlValue | None = self.table
        for step in path:
            value = _child(value, step)
            if value is None:
                return False
        return True

    def error(self, path: KeyPath, what: str) -> CannotStart:
        """The one-line error for the value at `path`."""
        return CannotStart(f"{self.path}:{line_of(self.lines, path)}: {what}")


@dataclass(frozen=True, slots=True)
class CardSources:
    """The files that a card is made of; a later one wins.

    Top-level keys replace, and the tables of `MERGED_TABLES` are merged key by key.
    """

    files: tuple[Source, ...]

    def error(self, path: KeyPath, what: str) -> CannotStart:
        """An error at `path`, in the last file that sets it or, failing that, holds the table around it."""
        for depth in range(len(path), 0, -1):
            origin = self._find_origin(path[:depth])
            if origin is not None:
                return origin.error(path, what)
        return self.files[-1].error((), what)

    def error_among(self, paths: Sequence[KeyPath], what: str) -> CannotStart:
        """An error about keys that contradict each other: at the last file's, which is who broke the peace."""
        for source in reversed(self.files):
            for path in paths:
                if source.holds(path):
                    return source.error(path, what)
        return self.error(paths[0], what)

    def origin_of(self, path: KeyPath) -> Source:
        """The file that set the value at `path`."""
        return self._find_origin(path) or self.files[-1]

    def _find_origin(self, path: KeyPath) -> Source | None:
        for source in reversed(self.files):
            if source.holds(path):
                return source
            if path[0] not in MERGED_TABLES and source.holds(path[:1]):
                return None
        return None


def read_source(path: Path, raw: bytes) -> Source:
    """Parse one file and refuse the keys that no card has.

    Raises:
        CannotStart: naming the file, the line and the mistake.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise CannotStart(
            f"{path}:1: larger than {MAX_FILE_BYTES} bytes; one file describes one model"
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CannotStart(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error
    try:
        table: TomlTable = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CannotStart(_syntax_error(path, text, str(error))) from error
    source = Source(path=path, table=table, lines=index_lines(text))
    _refuse_unknown_keys(source, table, CardTable, ())
    return source


def nearest_hint(word: str, known: Collection[str]) -> str:
    """What to write instead of `word`, as the end of a sentence."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"the keys here are {', '.join(sorted(known))}"


def _child(value: TomlValue, step: str | int) -> TomlValue | None:
    if isinstance(step, str):
        return value.get(step) if isinstance(value, dict) else None
    return value[step] if isinstance(value, list) and step < len(value) else None


def _syntax_error(path: Path, text: str, message: str) -> str:
    place = _TOML_PLACE.search(message)
    line = place.group(1) if place is not None else None
    what = _TOML_PLACE.sub("", message)
    number = line if line is not None else str(len(text.splitlines()) or 1)
    return f"{path}:{number}: not valid TOML: {what}"


def _refuse_unknown_keys(
    source: Source, table: Mapping[str, TomlValue], shape: type[msgspec.Struct], at: KeyPath
) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    for key, value in table.items():
        if key not in fields:
            where = f" in [{_dotted(at)}]" if at else ""
            hint = nearest_hint(key, fields.keys())
            raise source.error((*at, key), f"unknown key `{key}`{where}; {hint}")
        inner = _struct_of(fields[key].type)
        if inner is None:
            continue
        if isinstance(value, dict):
            _refuse_unknown_keys(source, value, inner, (*at, key))
        elif isinstance(value, list):
            for position, item in enumerate(value):
                if isinstance(item, dict):
                    _refuse_unknown_keys(source, item, inner, (*at, key, position))


def _struct_of(annotation: object) -> type[msgspec.Struct] | None:
    """The struct inside `Table`, `Table | UnsetType` or `tuple[Table, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    for argument in get_args(annotation):
        found = _struct_of(argument)
        if found is not None:
            return found
    return None


def _dotted(path: KeyPath) -> str:
    return ".".join(str(step) for step in path if isinstance(step, str))
