"""The settings file: flat TOML, `key = value`, and on which line each key stands.

Owns reading and locating; knows no key. `tomllib` tells no line numbers, so the line of a key is the first one that
looks like its assignment: good enough to point at, and never used to read a value.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from weft.kit.errors import CannotStart

MAX_FILE_BYTES = 1_048_576
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What was read: raw TOML values by key, and the text for finding lines."""

    path: Path
    values: dict[str, object]
    text: str

    def place(self, key: str) -> str:
        """`<file>:<line>` of a top-level key, or the file alone if the line is not found."""
        name = re.escape(key)
        assignment = re.compile(rf"""\s*(?:\[+\s*)?["']?{name}["']?\s*[=.\]]""")
        for number, line in enumerate(self.text.splitlines(), start=1):
            if assignment.match(line):
                return f"{self.path}:{number}"
        return str(self.path)


def read_settings_file(path: Path) -> SettingsFile:
    """Read and parse the file.

    Raises:
        CannotStart: it cannot be read, is larger than a settings file can be, or is no TOML.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CannotStart(f"cannot read the settings file {path}: {error.strerror}") from error
    if len(raw) > MAX_FILE_BYTES:
        raise CannotStart(f"the settings file {path} is larger than {MAX_FILE_BYTES} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CannotStart(f"the settings file {path} is not UTF-8 (byte {error.start})") from error
    try:
        values: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place, reason = _locate(path, str(error), text)
        raise CannotStart(f"{place}: not valid TOML: {reason}") from error
    return SettingsFile(path, values, text)


def _locate(path: Path, complaint: str, text: str) -> tuple[str, str]:
    match = _AT_LINE.search(complaint)
    if match is None:
        return str(path), complaint
    line = match[1] or str(max(1, len(text.splitlines())))
    return f"{path}:{line}", complaint[: match.start()].strip()
