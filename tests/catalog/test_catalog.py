from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from weft.catalog.catalog import (
    LIST_REMEDY,
    MAX_QUOTED_ID,
    Catalog,
    ModelNotFound,
    ModelRetired,
)
from weft.catalog.load import load_catalog
from weft.catalog.types import Lifecycle
from weft.kit.clock import Clock
from weft.kit.errors import NotFound

RETIRING = (
    'id = "deepseek-ai/DeepSeek-V3-0324"\n'
    "deprecated_on = 2027-01-15\nretired_on = 2027-02-01\n"
    'replacement = "Qwen/Qwen3-235B-A22B-Instruct-2507"\n'
)


def test_resolve_when_the_id_is_exact_then_its_card(shipped: Catalog) -> None:
    for card in shipped.cards:
        assert shipped.resolve(card.id) is card


def test_resolve_when_an_alias_is_used_then_the_card_of_the_id(
    tmp_path: Path, write_card: Callable[..., Path]
) -> None:
    write_card('id = "openai/gpt-oss-20b"\naliases = ["small", "gpt-oss"]\n')
    catalog = load_catalog(tmp_path)
    assert catalog.resolve("small").id == "openai/gpt-oss-20b"
    found = catalog.find("gpt-oss")
    assert found is not None
    assert found.id == "openai/gpt-oss-20b"


def test_resolve_when_the_id_is_unknown_then_the_hosted_words_and_the_nearest_ids(
    shipped: Catalog,
) -> None:
    with pytest.raises(ModelNotFound) as caught:
        shipped.resolve("openai/gpt-oss-21b")
    error = caught.value
    assert isinstance(error, NotFound)
    assert (error.status, error.code, error.param) == (404, "model_not_found", "model")
    assert error.message == (
        "The requested resource was not found: there is no model `openai/gpt-oss-21b` here."
        " Did you mean `openai/gpt-oss-20b`?"
    )
    assert error.metadata == {
        "model": "openai/gpt-oss-21b",
        "did_you_mean": ["openai/gpt-oss-20b", "openai/gpt-oss-120b"],
        "remedy": LIST_REMEDY,
    }


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("OpenAI/GPT-OSS-20B", "openai/gpt-oss-20b"),
        ("Phi-4-mini-instruct", "microsoft/Phi-4-mini-instruct"),
        ("llama-3.3-70b-instruct", "meta-llama/Llama-3.3-70B-Instruct"),
        ("moonshotai/kimi-k2", "moonshotai/Kimi-K2-Instruct"),
    ],
)
def test_nearest_when_case_or_provider_is_wrong_then_the_meant_model_first(
    shipped: Catalog, asked: str, nearest: str
) -> None:
    with pytest.raises(ModelNotFound):
        shipped.resolve(asked)
    assert shipped.nearest(asked)[0] == nearest


def test_resolve_when_nothing_is_near_then_no_suggestion(shipped: Catalog) -> None:
    with pytest.raises(ModelNotFound) as caught:
        shipped.resolve("zzzz")
    assert caught.value.message.endswith("there is no model `zzzz` here.")
    assert caught.value.metadata["did_you_mean"] == []


def test_resolve_when_the_name_is_huge_then_the_error_is_not(shipped: Catalog) -> None:
    with pytest.raises(ModelNotFound) as caught:
        shipped.resolve("x" * 1_000_000)
    assert len(caught.value.envelope()) < 4 * MAX_QUOTED_ID


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        ((2027, 1, 14), Lifecycle.GENERALLY_AVAILABLE),
        ((2027, 1, 15), Lifecycle.DEPRECATED),
        ((2027, 1, 31), Lifecycle.DEPRECATED),
        ((2027, 2, 1), Lifecycle.RETIRED),
    ],
)
def test_resolve_when_dates_were_announced_then_they_take_effect_by_themselves(
    tmp_path: Path,
    write_card: Callable[..., Path],
    at: Callable[..., Clock],
    day: tuple[int, int, int],
    stage: Lifecycle,
) -> None:
    write_card(RETIRING)
    catalog = load_catalog(tmp_path, clock=at(*day))
    card = catalog.get("deepseek-ai/DeepSeek-V3-0324")
    assert card.lifecycle_on(date(*day)) is stage
    if stage is not Lifecycle.RETIRED:
        assert catalog.resolve(card.id) is card
        return
    with pytest.raises(ModelRetired) as caught:
        catalog.resolve(card.id)
    assert caught.value.code == "model_not_found"
    assert caught.value.message == (
        "The requested resource was not found: the model `deepseek-ai/DeepSeek-V3-0324` was"
        " retired on 2027-02-01. Use `Qwen/Qwen3-235B-A22B-Instruct-2507` instead."
    )
    assert caught.value.metadata == {
        "model": card.id,
        "retired_on": "2027-02-01",
        "replacement": "Qwen/Qwen3-235B-A22B-Instruct-2507",
        "remedy": f"use Qwen/Qwen3-235B-A22B-Instruct-2507; {LIST_REMEDY}",
    }


def test_resolve_when_retired_without_a_replacement_then_the_list_is_the_remedy(
    tmp_path: Path, write_card: Callable[..., Path]
) -> None:
    write_card(
        'id = "our/own"\ncontext_window_tokens = 1\nlifecycle = "retired"\n'
        "retired_on = 2020-01-01\n"
    )
    with pytest.raises(ModelRetired) as caught:
        load_catalog(tmp_path).resolve("our/own")
    assert caught.value.message.endswith("was retired on 2020-01-01.")
    assert caught.value.metadata["remedy"] == LIST_REMEDY


def test_find_when_the_id_is_unknown_then_none(shipped: Catalog) -> None:
    assert shipped.find("nobody/knows") is None


def test_catalog_when_loaded_then_it_reads_the_clock_that_was_handed_in(
    at: Callable[..., Clock],
) -> None:
    assert load_catalog(clock=at(2030, 1, 2)).now() == datetime(2030, 1, 2, tzinfo=UTC)


def test_catalog_when_a_model_is_added_then_it_is_found_by_all_its_names(shipped: Catalog) -> None:
    known = shipped.get("weft/tiny-chat")
    catalog = Catalog(shipped.cards)
    catalog.add(replace(known, id="acme/new", aliases=("new",)))
    assert catalog.get("new").id == "acme/new"
    assert catalog.cards[0].id == "acme/new"
    assert len(catalog.cards) == len(shipped.cards) + 1
    assert catalog.nearest("acme/NEW") == ("acme/new",)
    assert catalog.get("weft/tiny-chat") is known
    assert shipped.find("acme/new") is None
