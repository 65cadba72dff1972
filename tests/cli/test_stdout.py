"""How a command calls itself in what it prints."""

import sys
from pathlib import Path

import pytest

from weft.cli.stdout import program


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "my bin" / "weft"
    path.parent.mkdir()
    path.touch(0o755)
    return path


def test_program_when_the_shell_finds_it_then_is_its_name(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(script.parent))
    assert program() == "weft"


def test_program_when_the_shell_does_not_find_it_then_is_what_was_called(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "argv", [str(script), "serve"])
    assert program() == f"'{script}'"
    monkeypatch.setattr(sys, "argv", ["/nowhere/weft/__main__.py", "serve"])
    assert program().endswith(" -m weft")
