"""The page about architectures names tests that exist, and has a row for each family."""

import ast
import re
from pathlib import Path

from weft.catalog.load import load_catalog

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "architectures.md"
DEMO = "weft/tiny-chat"


def test_page_when_it_names_a_test_then_there_is_one() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))
    there = {
        node.name
        for path in HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert named
    assert named <= there


def test_page_when_a_model_is_in_the_catalog_then_it_is_on_the_page_by_its_id() -> None:
    page = PAGE.read_text()
    shipped = {card.id for card in load_catalog().cards} - {DEMO}
    assert {model for model in shipped if f"`{model}`" not in page} == set()
