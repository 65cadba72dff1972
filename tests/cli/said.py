"""What a command said, for tests."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from weft.cli import main

Json = Any


@dataclass(frozen=True)
class Said:
    """What a command wrote, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Json:
        return json.loads(self.out)


Weft = Callable[..., Said]


def said(
    folder: Path,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Said:
    """Run `weft WORDS... --data FOLDER` in this process."""
    monkeypatch.setattr(sys, "argv", ["weft", *words, "--data", str(folder)])
    code: object = 0
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    told = capsys.readouterr()
    assert isinstance(code, int)
    return Said(code, told.out, told.err)
