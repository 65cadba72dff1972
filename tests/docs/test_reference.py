"""The generated reference is fresh and complete."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import weft
from docs.pages import GENERATED, ROOT, text_of
from weft.kit.errors import CannotStart, WeftError
from weft.kit.settings import Settings, variable

SCRIPT = ROOT / "tools" / "reference.py"
MEND = "the code says otherwise by now: run `make docs`"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference as it would be written now, by a user with other folders and a narrow terminal."""
    folder = tmp_path_factory.mktemp("reference")
    environ = {"HOME": "/nobody", "COLUMNS": "40", "PATH": ""}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--out", str(folder)],
        env=environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_reference_when_written_then_the_same_pages_are_kept(fresh: Path) -> None:
    assert [page.name for page in GENERATED] == sorted(page.name for page in fresh.iterdir()), MEND


@pytest.mark.parametrize("page", GENERATED, ids=lambda page: page.name)
def test_page_when_written_anew_then_is_the_one_that_is_kept(page: Path, fresh: Path) -> None:
    assert text_of(page) == (fresh / page.name).read_text(encoding="utf-8"), MEND


@pytest.mark.parametrize("page", GENERATED, ids=lambda page: page.name)
def test_page_when_read_then_tells_nothing_of_this_machine(page: Path) -> None:
    text = text_of(page)
    for place in (Path.home(), ROOT, Path(sys.prefix)):
        assert str(place) not in text


@pytest.mark.parametrize("key", Settings.model_fields)
def test_setting_when_it_exists_then_has_a_line(key: str) -> None:
    (line,) = [
        line
        for line in text_of(ROOT / "docs/reference/settings.md").splitlines()
        if line.startswith(f'| <a id="{key}"></a>')
    ]
    assert f"`{variable(key)}`" in line


def test_error_when_it_exists_then_says_what_it_means() -> None:
    for module in pkgutil.walk_packages(weft.__path__, "weft."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    listed = text_of(ROOT / "docs/reference/errors.md")
    classes = [one for one in _below(WeftError) if one.__module__.startswith("weft.")]
    assert len(classes) > 20
    for one in classes:
        assert one.__dict__.get("__doc__"), f"{one.__module__}.{one.__name__} has no docstring"
        if not issubclass(one, CannotStart):  # a command's last line, and never sent
            assert f"`{one.__name__}`" in listed, MEND


def _below(one: type[WeftError]) -> set[type[WeftError]]:
    return {found for child in one.__subclasses__() for found in (child, *_below(child))}
