"""The decision records keep to their form (docs/decisions/0001-record-decisions.md)."""

import re
from pathlib import Path

import pytest

from docs.pages import DOCS, links_of, text_of

FOLDER = DOCS / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced"]
LINES = 60


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem[:4])
def test_record_when_read_then_has_the_five_headings_on_one_page(record: Path) -> None:
    text = text_of(record)
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", record.name)
    assert text.startswith(f"# {record.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert text.count("\n") <= LINES


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem[:4])
def test_record_when_it_names_a_file_of_ours_then_that_exists(record: Path) -> None:
    root = FOLDER.parents[1]
    for path in re.findall(r"`([a-z_]+/[a-z_/]+\.py|tests/[a-z_/]+)`", text_of(record)):
        assert (root / path).exists() or (root / "src" / "weft" / path).exists(), path


def test_records_when_counted_then_have_numbers_without_gaps_and_stand_in_the_index() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
    listed = [link for link in links_of(FOLDER / "README.md") if link[0].isdigit()]
    assert list(dict.fromkeys(listed)) == [RECORDS[0].name, *(r.name for r in RECORDS[1:])]
