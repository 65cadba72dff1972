"""The size limits of the house, and words that no file may hold."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES = 400
FUNCTION_LINES = 70
PARAMETERS = 8
PACKAGE_FILES = 15
SOURCES = sorted(
    path
    for folder in ("src", "tests", "tools", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if not {"node_modules", "envs", "results"} & set(path.parts)
)
BANNED_NAMES = re.compile(r"(utils?|helpers?|managers?|handlers?|common|misc|models|.*_v\d+)\.py")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_file_when_read_then_is_within_the_limits(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= FILE_LINES, "split it by noun"
    assert not BANNED_NAMES.fullmatch(path.name), "name it for what it holds"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, FUNCTIONS):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", [p for p in SOURCES if "src" in p.parts], ids=name)
def test_function_when_declared_then_takes_few_parameters(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, FUNCTIONS) and "cli" not in path.parts:
            taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            count = len([a for a in taken if a.arg not in ("self", "cls")])
            assert count <= PARAMETERS, f"{node.name} takes {count}"


def test_package_when_counted_then_has_few_files() -> None:
    crowded = {
        name(folder): count
        for folder in (ROOT / "src").rglob("*")
        if folder.is_dir() and (count := len(list(folder.glob("*.py")))) > PACKAGE_FILES
    }
    assert crowded == {}


UI = ROOT / "ui" / "src"
UI_SOURCES = sorted(
    path for path in UI.rglob("*") if path.suffix in {".ts", ".tsx"} and ".gen." not in path.name
)
COMPONENT_LINES, MODULE_LINES = 200, 300
RELATIVE_IMPORT = re.compile(r"""(?:from|import)\s*\(?["'](\.[^"']*)["']""")


@pytest.mark.parametrize("path", UI_SOURCES, ids=name)
def test_console_file_when_read_then_is_small_and_stays_in_its_feature(path: Path) -> None:
    text = path.read_text()
    limit = COMPONENT_LINES if path.suffix == ".tsx" else MODULE_LINES
    assert text.count("\n") <= limit, "split it by noun"
    inside = path.relative_to(UI).parts
    if inside[0] == "features":
        home = UI / "features" / inside[1]
        for reached in RELATIVE_IMPORT.findall(text):
            assert (path.parent / reached).resolve().is_relative_to(home), (
                f"{reached} leaves {home.name}"
            )
