r"""Dotted paths: `inputs.messages.0.content`, `feedback.[wandb.runnable.judge].payload.output`.

A number is an index into a list, and into nothing else. A dot that belongs to a key is written `\.`, or the key stands
in brackets.
"""

import re

from weft.kit.errors import InvalidRequest

PATH_CHARS = 1024
STEPS = 64
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_STEP = re.compile(r"\[([^\[\]]+)\](?=\.|$)|((?:[^.\\]|\\\.)+)")
_NO_KEY = re.compile(r'["\\\x00-\x1f]')

Step = str | int


class BadPath(InvalidRequest):
    """A path that leads nowhere, on any database."""

    code = "invalid_path"


def split_path(path: str) -> tuple[Step, ...]:
    """The steps of a path; those that are numbers as such.

    Raises:
        BadPath: it is empty, too long, or has a key that cannot be asked for (with a quote, a backslash or a control
            character: SQLite's own paths have no way to write those).
    """
    if not 0 < len(path) <= PATH_CHARS:
        raise BadPath(f"a path has 1 to {PATH_CHARS} characters", param="query")
    steps: list[Step] = []
    at = 0
    while True:
        found = _STEP.match(path, at)
        if found is None:
            raise BadPath(f"cannot read the path {path[:100]}", param="query")
        key = found[1] or found[2].replace("\\.", ".")
        if _NO_KEY.search(key):
            raise BadPath(
                f"a key of a path has no quotes, backslashes or control characters: {path[:100]!r}",
                param="query",
            )
        steps.append(int(key) if _INDEX.fullmatch(key) and not found[1] else key)
        at = found.end()
        if at == len(path):
            break
        if path[at] != "." or len(steps) == STEPS:
            raise BadPath(f"cannot read the path {path[:100]}", param="query")
        at += 1
    return tuple(steps)
