"""Where in a TOML file a key stands, so that an error can name its line.

`tomllib` keeps no positions, so the text is scanned a second time for table headers and keys. The scan only has to be
right for files that `tomllib` accepted; a key inside an inline table or an array is found at the line of the key that
holds it.
TOML 1.0.0, sections "Keys", "Table" and "Array of Tables".
"""

import re
from collections.abc import Iterator, Mapping

KeyPath = tuple[str | int, ...]
"""`("prices", 0, "source")`: the names and positions that lead to a value."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_KEY = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_PART = re.compile(_NAME)
_FENCE = re.compile(r'"""|' + r"'''")


def index_lines(text: str) -> Mapping[KeyPath, int]:
    """The line, from 1, of every table and key in `text`."""
    found: dict[KeyPath, int] = {}
    array_lengths: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in _outside_strings(text):
        header = _HEADER.match(line)
        if header is not None:
            names = _parts(header.group(2))
            table = _into_arrays(names, array_lengths, opens=header.group(1) == "[[")
            for depth in range(1, len(table) + 1):
                found.setdefault(table[:depth], number)
            continue
        key = _KEY.match(line)
        if key is not None:
            names = _parts(key.group(1))
            for depth in range(1, len(names) + 1):
                found.setdefault(table + names[:depth], number)
    return found


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of `path`, or of the nearest table or key around it."""
    for depth in range(len(path), 0, -1):
        if path[:depth] in lines:
            return lines[path[:depth]]
    return 1


def _outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines that do not start inside a multi-line string."""
    fence: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        inside = fence is not None
        for match in _FENCE.finditer(line):
            if fence is None:
                fence = match.group()
            elif fence == match.group():
                fence = None
        if not inside:
            yield number, line


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _into_arrays(
    names: tuple[str, ...], array_lengths: dict[KeyPath, int], *, opens: bool
) -> KeyPath:
    """The path of a header: names that are arrays of tables get the position of their last element."""
    path: KeyPath = ()
    for depth, name in enumerate(names, start=1):
        path = (*path, name)
        if opens and depth == len(names):
            array_lengths[path] = array_lengths.get(path, 0) + 1
        if path in array_lengths:
            path = (*path, array_lengths[path] - 1)
    return path
