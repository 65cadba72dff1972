"""Every TOML block of the guide loads, alone, over the catalog that ships."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from weft.catalog.load import load_catalog
from weft.catalog.shape import (
    CapabilitiesTable,
    CardTable,
    FakeTable,
    GpuServerTable,
    LlamaCppTable,
    OpenVinoTable,
    PriceTable,
    RemoteTable,
)

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "add-a-model.md"
TEXT = GUIDE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def test_guide_when_read_then_it_has_examples() -> None:
    assert len(BLOCKS) >= 5


@pytest.mark.parametrize("block", BLOCKS, ids=[tomllib.loads(block)["id"] for block in BLOCKS])
def test_guide_when_a_block_is_used_as_it_stands_then_it_loads(
    block: str, tmp_path: Path, write_card: Callable[..., Path]
) -> None:
    path = write_card(block)
    model_id = tomllib.loads(block)["id"]
    assert load_catalog(tmp_path).get(model_id).path == path


def test_guide_when_a_mistake_is_shown_then_it_is_what_the_start_says(
    refusal_of: Callable[[str], str],
) -> None:
    (shown,) = re.findall(r"^catalog/gpt\.toml:(.*)$", TEXT, re.MULTILINE)
    bound = next(block for block in BLOCKS if "http://gpu1:8000/v1" in block)
    assert refusal_of(bound.replace("url", "ulr")) == f"card.toml:{shown}"


@pytest.mark.parametrize(
    "shape",
    [
        CardTable,
        CapabilitiesTable,
        PriceTable,
        LlamaCppTable,
        OpenVinoTable,
        RemoteTable,
        GpuServerTable,
        FakeTable,
    ],
)
def test_guide_when_a_key_exists_then_the_table_of_keys_names_it(shape: type) -> None:
    keys = TEXT[TEXT.index("## All keys") :]
    for key in shape.__annotations__:
        assert re.search(rf"[`\[.]{key}[`\].]", keys), key
