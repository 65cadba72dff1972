"""What the pages name exists: links, commands, flags, variables, and every word in code that has an underscore."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from docs.pages import (
    DOCS,
    GENERATED,
    GUIDES,
    PAGES,
    README,
    ROOT,
    anchors_of,
    blocks_of,
    inline_code_of,
    links_of,
    name,
    text_of,
)
from weft.gateway.journal import RequestLine
from weft.kit.settings import CONFIG_ENV, OF_COMMANDS, Settings, variable
from weft.ledger.usage.answers import RequestUsage

WRITTEN = [page for page in PAGES if page not in GENERATED]
VARIABLE = re.compile(r"\bWEFT_[A-Z_]*[A-Z]\b")
SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
FLAG = re.compile(r"(?<!\S)--?[a-z][a-z-]*")
SHELLS = {"sh", "console"}
COLUMNS = 120


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_link_when_relative_then_leads_somewhere(page: Path) -> None:
    for link in links_of(page):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)} links to {link}"
        if anchor:
            assert anchor in anchors_of(target), f"{name(page)} links to {link}"


def test_page_when_it_is_in_docs_then_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    todo = [README]
    while todo:
        page = todo.pop()
        if page not in reached:
            reached.add(page)
            links = [link.partition("#")[0] for link in links_of(page) if "://" not in link]
            todo += [
                target
                for link in links
                if (target := (page.parent / link).resolve()).suffix == ".md" and target.exists()
            ]
    assert set(PAGES) <= reached


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_variable_when_named_then_is_a_setting(page: Path) -> None:
    known = {CONFIG_ENV, *OF_COMMANDS, *(variable(key) for key in Settings.model_fields)}
    assert set(VARIABLE.findall(text_of(page))) <= known


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_command_when_named_then_exists_and_takes_these_flags(page: Path) -> None:
    for line in _command_lines(page):
        words = shlex.split(line, comments=True)[1:]
        path = "weft"
        for word in words:
            if f"{path} {word}" not in _commands():
                break
            path = f"{path} {word}"
        after = words[path.count(" ") :]
        is_group = any(command.startswith(f"{path} ") for command in _commands())
        assert not is_group or not after or after[0].startswith("-"), f"{name(page)}: {line}"
        missing = set(FLAG.findall(" ".join(words))) - _commands()[path]
        assert not missing, f"{name(page)}: {line}: {path} takes no {missing}"


@pytest.mark.parametrize("page", [*GUIDES, README], ids=name)
def test_word_when_it_stands_in_code_then_the_product_knows_it(page: Path) -> None:
    for code in inline_code_of(page):
        unknown = set(SNAKE.findall(code)) - _words()
        assert not unknown, f"{name(page)}: `{code}`"


@pytest.mark.parametrize(
    ("guide", "fields"),
    [
        ("operate", RequestLine.__struct_fields__),
        ("metering", tuple(RequestUsage.model_fields)),
    ],
)
def test_guide_when_it_lists_fields_then_lists_them_all(
    guide: str, fields: tuple[str, ...]
) -> None:
    named = set(inline_code_of(DOCS / "guides" / f"{guide}.md"))
    assert fields
    assert set(fields) <= named


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_line_when_it_is_prose_then_is_not_too_long(page: Path) -> None:
    in_code = False
    for number, line in enumerate(text_of(page).splitlines(), start=1):
        in_code ^= line.startswith("```")
        if not in_code and not line.startswith("|"):
            assert len(line) <= COLUMNS, f"{name(page)}:{number}"


def _command_lines(page: Path) -> list[str]:
    lines = [code for code in inline_code_of(page) if code.startswith("weft ")]
    for block in blocks_of(page):
        if block.language in SHELLS:
            joined = block.source.replace("\\\n", " ")
            plain = (line.removeprefix("$ ").strip() for line in joined.splitlines())
            lines += [line for line in plain if line.startswith("weft ")]
    return [line for line in lines if not line.startswith("weft ...")]


@cache
def _commands() -> dict[str, set[str]]:
    """Every command and its flags, as the generated reference lists them."""
    commands: dict[str, set[str]] = {}
    path = ""
    for line in text_of(DOCS / "reference" / "cli.md").splitlines():
        if found := re.fullmatch(r"#+ `(weft.*)`", line):
            path = found[1]
            commands[path] = {"--help", "-h"}
        elif line.startswith("| `-"):
            commands[path] |= set(FLAG.findall(re.sub(r"[`,]", " ", line.split(" | ")[0])))
    return commands


@cache
def _words() -> frozenset[str]:
    """Every word with an underscore in the product's source and in the cards that ship."""
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.toml")]
    return frozenset(word for file in files for word in SNAKE.findall(text_of(file)))
