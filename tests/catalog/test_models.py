"""What holds for every file that ships."""

import re
from datetime import date

import pytest

from weft.catalog.catalog import Catalog
from weft.catalog.lines import index_lines
from weft.catalog.load import load_catalog
from weft.catalog.types import (
    GpuServerSpec,
    Lifecycle,
    LlamaCppSpec,
    Modality,
    ModelCard,
    ReasoningPolicy,
)

# The hosted service's table of available models: id, context window, active and total billions.
SEED_TABLE = {
    "openai/gpt-oss-120b": (131_000, 5.1, 117),
    "openai/gpt-oss-20b": (131_000, 3.6, 20),
    "Qwen/Qwen3-235B-A22B-Thinking-2507": (262_000, 22, 235),
    "Qwen/Qwen3-235B-A22B-Instruct-2507": (262_000, 22, 235),
    "Qwen/Qwen3-Coder-480B-A35B-Instruct": (262_000, 35, 480),
    "moonshotai/Kimi-K2-Instruct": (128_000, 32, 1000),
    "deepseek-ai/DeepSeek-R1-0528": (161_000, 37, 680),
    "deepseek-ai/DeepSeek-V3-0324": (161_000, 37, 680),
    "meta-llama/Llama-3.1-8B-Instruct": (128_000, 8, 8),
    "meta-llama/Llama-3.3-70B-Instruct": (128_000, 70, 70),
    "meta-llama/Llama-4-Scout-17B-16E-Instruct": (64_000, 17, 109),
    "microsoft/Phi-4-mini-instruct": (128_000, 3.8, 3.8),
}

ALWAYS_THINK = {
    "openai/gpt-oss-120b",
    "openai/gpt-oss-20b",
    "Qwen/Qwen3-235B-A22B-Thinking-2507",
    "deepseek-ai/DeepSeek-R1-0528",
}

CARDS = load_catalog().cards
every_card = pytest.mark.parametrize("card", CARDS, ids=[card.id for card in CARDS])


def test_models_when_loaded_then_the_twelve_and_the_tiny_one(shipped: Catalog) -> None:
    assert {card.id for card in shipped.cards} == {*SEED_TABLE, "weft/tiny-chat"}


@pytest.mark.parametrize("model_id", SEED_TABLE)
def test_models_when_compared_with_the_hosted_table_then_the_figures_agree(
    shipped: Catalog, model_id: str
) -> None:
    context, active, total = SEED_TABLE[model_id]
    card = shipped.get(model_id)
    assert card.context_window_tokens == pytest.approx(context, rel=0.03)
    assert card.parameters_active / 1e9 == pytest.approx(active, rel=0.02)
    assert card.parameters_total / 1e9 == pytest.approx(total, rel=0.05)
    assert card.huggingface_id == model_id


@every_card
def test_models_when_a_person_reads_the_card_then_it_says_what_it_must(card: ModelCard) -> None:
    assert card.label
    assert card.provider
    assert card.license
    assert card.quantization
    assert card.tags
    assert 40 < len(card.description_short) < 160
    assert card.description_short.endswith(".")
    assert 100 < len(card.description_medium) < 600
    assert card.description_medium != card.description_short
    assert card.lifecycle is Lifecycle.GENERALLY_AVAILABLE
    assert card.path.name == card.id.lower().replace("/", "-") + ".toml"


@every_card
def test_models_when_priced_then_every_version_has_a_source_and_costs_something(
    card: ModelCard,
) -> None:
    days = [price.effective_at for price in card.prices]
    assert days == sorted(set(days))
    for price in card.prices:
        assert len(price.source) > 20
        assert 0 < price.cached_input_nusd_per_mtok <= price.input_nusd_per_mtok
        assert price.input_nusd_per_mtok <= price.output_nusd_per_mtok
        assert (price.effective_at.hour, price.effective_at.minute) == (0, 0)


@every_card
def test_models_when_capabilities_are_claimed_then_they_agree_with_the_parsers(
    card: ModelCard,
) -> None:
    assert card.capabilities.vision == (Modality.VISION in card.modalities_input)
    thinks = card.capabilities.reasoning is ReasoningPolicy.ALWAYS_ON
    assert thinks == (card.id in ALWAYS_THINK)
    for spec in card.engines:
        if isinstance(spec, GpuServerSpec):
            assert bool(spec.reasoning_parser) == thinks
            if spec.kind == "vllm":
                assert bool(spec.tool_call_parser) == card.capabilities.tools


@every_card
def test_models_when_weights_are_needed_then_the_memory_holds_them(card: ModelCard) -> None:
    bits_at_least = {"FP8": 8, "BF16": 16, "MXFP4": 4}
    for spec in card.engines:
        if isinstance(spec, GpuServerSpec):
            weights_gib = card.parameters_total * bits_at_least[spec.quantization] / 8 / 2**30
            assert spec.gpus * spec.gpu_memory_gib > weights_gib
        elif isinstance(spec, LlamaCppSpec):
            assert spec.memory_mib > spec.weights_mib > 0
            bits = spec.weights_mib * 2**20 * 8 / card.parameters_total
            assert 2.4 < bits < 9


@every_card
def test_models_when_launched_then_before_today_and_before_the_first_price(card: ModelCard) -> None:
    if card.launched_on is not None:
        assert date(2024, 1, 1) < card.launched_on < date(2026, 11, 21)
        assert card.launched_on <= card.prices[0].effective_at.date()


def test_models_when_indexed_then_every_key_is_found_on_its_line() -> None:
    for card in CARDS:
        lines = card.path.read_text(encoding="utf-8").splitlines()
        for path, number in index_lines("\n".join(lines)).items():
            name = next(step for step in reversed(path) if isinstance(step, str))
            assert re.search(rf"\b{re.escape(name)}\b", lines[number - 1]), (card.path, path)


def test_models_when_the_tiny_one_is_read_then_it_runs_from_the_package(shipped: Catalog) -> None:
    card = shipped.get("weft/tiny-chat")
    (spec,) = card.engines
    assert isinstance(spec, LlamaCppSpec)
    assert spec.weights == "package:weft.demo/tiny-chat.gguf"
    assert spec.context_tokens == spec.parallel * card.context_window_tokens


def test_models_when_the_folder_is_listed_then_nothing_but_cards() -> None:
    folder = CARDS[0].path.parent
    assert {path for path in folder.iterdir() if path.is_file()} == {card.path for card in CARDS}
