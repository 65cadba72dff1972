"""Standard output that is closed, broken or full: what a command does then. Also how to call this program again."""

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import cast


def is_closed() -> bool:
    """Whether this process was started without a standard output (`weft ... >&-`)."""
    return cast("object", sys.stdout) is None


def give_up() -> None:
    """Write no more: without this the interpreter would try to flush what nobody takes, and complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def program() -> str:
    """The words that call this program from where it was called: `weft` if the shell finds it under that name."""
    if shutil.which("weft"):
        return "weft"
    called = Path(sys.argv[0])
    if called.name == "weft" and called.is_file():
        return shlex.quote(sys.argv[0])
    return f"{shlex.quote(sys.executable)} -m weft"
