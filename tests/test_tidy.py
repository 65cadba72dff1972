"""The size limits of the house, and words that no file may hold."""

import ast
import re
from pathlib import Path

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


def test_files_when_read_then_are_within_the_limits() -> None:
    wrong: list[str] = []
    for path in SOURCES:
        text, where = path.read_text(), name(path)
        if text.count("\n") > FILE_LINES:
            wrong.append(f"{where}: split it by noun")
        if BANNED_NAMES.fullmatch(path.name):
            wrong.append(f"{where}: name it for what it holds")
        counts_parameters = "src" in path.parts and "cli" not in path.parts
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, FUNCTIONS):
                continue
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                wrong.append(f"{where}: {node.name} has {lines} lines")
            taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            count = len([a for a in taken if a.arg not in ("self", "cls")])
            if counts_parameters and count > PARAMETERS:
                wrong.append(f"{where}: {node.name} takes {count}")
    assert len(SOURCES) > 1000
    assert not wrong, "\n".join(wrong)


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


def test_console_files_when_read_then_are_small_and_stay_in_their_feature() -> None:
    wrong: list[str] = []
    for path in UI_SOURCES:
        text, where = path.read_text(), name(path)
        limit = COMPONENT_LINES if path.suffix == ".tsx" else MODULE_LINES
        if text.count("\n") > limit:
            wrong.append(f"{where}: split it by noun")
        inside = path.relative_to(UI).parts
        if inside[0] == "features":
            home = UI / "features" / inside[1]
            wrong += [
                f"{where}: {reached} leaves {home.name}"
                for reached in RELATIVE_IMPORT.findall(text)
                if not (path.parent / reached).resolve().is_relative_to(home)
            ]
    assert len(UI_SOURCES) > 30
    assert not wrong, "\n".join(wrong)
