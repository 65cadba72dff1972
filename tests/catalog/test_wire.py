import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.catalog.badges.types import Badge, BadgeState, Feature
from weft.catalog.catalog import Catalog
from weft.catalog.needs import describe_needs
from weft.catalog.types import ModelCard, ModelState
from weft.catalog.wire import catalog_page, catalog_row, cents_per_btok, model_page, model_row
from weft.kit.errors import Json
from weft.kit.money import parse_usd

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OWN = 'id = "our/own"\ncontext_window_tokens = 4096\n'

# Dollars per million tokens, in and out, as the hosted service's price page was last seen.
PRICE_TABLE = {
    "deepseek-ai/DeepSeek-R1-0528": ("1.35", "5.40"),
    "deepseek-ai/DeepSeek-V3-0324": ("1.14", "2.75"),
    "meta-llama/Llama-3.1-8B-Instruct": ("0.22", "0.22"),
    "meta-llama/Llama-3.3-70B-Instruct": ("0.71", "0.71"),
    "meta-llama/Llama-4-Scout-17B-16E-Instruct": ("0.17", "0.66"),
    "microsoft/Phi-4-mini-instruct": ("0.08", "0.35"),
    "moonshotai/Kimi-K2-Instruct": ("1.35", "4.00"),
    "openai/gpt-oss-120b": ("0.03", "0.17"),
    "openai/gpt-oss-20b": ("0.03", "0.13"),
    "Qwen/Qwen3-235B-A22B-Instruct-2507": ("0.10", "0.10"),
    "Qwen/Qwen3-235B-A22B-Thinking-2507": ("0.10", "0.10"),
    "Qwen/Qwen3-Coder-480B-A35B-Instruct": ("1.00", "1.50"),
}

HOSTED_FIELDS = [
    "apiStyle",
    "availableIn",
    "contextWindow",
    "descriptionShort",
    "descriptionMedium",
    "downloadsHuggingFace",
    "likesHuggingFace",
    "featureJsonMode",
    "featureLoRA",
    "featureReasoning",
    "featureStructuredOutput",
    "featureToolCalling",
    "featureTrainableServerlessRL",
    "id",
    "idHuggingFace",
    "idPlayground",
    "isAvailableOpenRouter",
    "label",
    "labelOpenRouter",
    "launchDate",
    "launchedQuarter",
    "license",
    "lifecycleStage",
    "modalities",
    "modalitiesInput",
    "modalitiesOutput",
    "parameterCountTotal",
    "parameterCountActive",
    "priceCentsPerBillionTokensInput",
    "priceCentsPerBillionTokensOutput",
    "priceCentsPerBillionTokensCached",
    "provider",
    "quantization",
    "status",
    "tags",
]
OUR_FIELDS = [
    "descriptionLong",
    "source",
    "isNew",
    "aliases",
    "prices",
    "needs",
    "state",
    "runnable",
    "standIn",
    "reasoningPolicy",
    "badges",
    "deprecationDate",
    "retirementDate",
    "replacement",
]


def as_json(row: msgspec.Struct) -> dict[str, Json]:
    decoded: dict[str, Json] = json.loads(msgspec.json.encode(row))
    return decoded


def test_catalog_row_when_encoded_then_the_hosted_fields_and_ours(shipped: Catalog) -> None:
    row = catalog_row(shipped.get("openai/gpt-oss-20b"), ModelState.READY, NOW)
    assert set(as_json(row)) == {*HOSTED_FIELDS, *OUR_FIELDS}


def test_catalog_row_when_the_model_runs_then_field_by_field(shipped: Catalog) -> None:
    card = shipped.get("meta-llama/Llama-4-Scout-17B-16E-Instruct")
    row = as_json(catalog_row(card, ModelState.ASLEEP, NOW))
    source = card.prices[0].source
    price: Json = {
        "version": f"{card.id}@2025-04-05",
        "effectiveDate": "2025-04-05",
        "inputNusdPerMtok": "170000000",
        "outputNusdPerMtok": "660000000",
        "cachedInputNusdPerMtok": "170000000",
        "source": source,
    }
    assert row == {
        "provider": "Meta",
        "id": card.id,
        "idPlayground": card.id,
        "idHuggingFace": card.id,
        "label": "Meta Llama 4 Scout",
        "labelOpenRouter": None,
        "status": "hosted",
        "lifecycleStage": "general-availability",
        "availableIn": ["weft"],
        "launchDate": "2025-04-05T00:00:00Z",
        "launchedQuarter": "2025 Q2",
        "descriptionShort": card.description_short,
        "descriptionMedium": card.description_medium,
        "featureReasoning": False,
        "featureJsonMode": True,
        "featureStructuredOutput": True,
        "featureToolCalling": True,
        "featureLoRA": False,
        "featureTrainableServerlessRL": False,
        "parameterCountTotal": 109_000_000_000,
        "parameterCountActive": 17_000_000_000,
        "contextWindow": 65_536,
        "quantization": "BF16",
        "priceCentsPerBillionTokensInput": 17_000,
        "priceCentsPerBillionTokensCached": 17_000,
        "priceCentsPerBillionTokensOutput": 66_000,
        "isAvailableOpenRouter": False,
        "apiStyle": "chat",
        "modalities": ["Text", "Vision"],
        "modalitiesInput": ["Text", "Vision"],
        "modalitiesOutput": ["Text"],
        "tags": ["vision", "tools", "mixture-of-experts"],
        "likesHuggingFace": None,
        "downloadsHuggingFace": None,
        "license": "Llama 4 Community License",
        "descriptionLong": card.description_medium,
        "source": "Open weights",
        "isNew": False,
        "aliases": [],
        "prices": {"current": price, "history": [price]},
        "needs": list(describe_needs(card)),
        "state": "asleep",
        "runnable": True,
        "standIn": False,
        "reasoningPolicy": "none",
        "badges": [],
        "deprecationDate": None,
        "retirementDate": None,
        "replacement": None,
    }


@pytest.mark.parametrize(
    ("state", "status", "runnable", "stand_in"),
    [
        (ModelState.READY, "hosted", True, False),
        (ModelState.STAND_IN, "hosted", True, True),
        (ModelState.NOT_RUNNABLE, "indexed", False, False),
    ],
)
def test_catalog_row_when_the_state_differs_then_so_does_what_a_page_may_offer(
    shipped: Catalog, state: ModelState, status: str, runnable: bool, stand_in: bool
) -> None:
    row = catalog_row(shipped.get("openai/gpt-oss-20b"), state, NOW)
    assert (row.status, row.runnable, row.stand_in) == (status, runnable, stand_in)
    assert (row.id_playground is not None) == (row.available_in != []) == runnable


def test_catalog_row_when_nothing_is_known_then_null(load_card: Callable[..., ModelCard]) -> None:
    row = catalog_row(load_card(OWN), ModelState.NOT_RUNNABLE, NOW)
    assert row.launch_date is None
    assert row.launched_quarter is None
    assert row.parameter_count_total is None
    assert row.parameter_count_active is None
    assert row.id_hugging_face is None
    assert row.quantization is None
    assert row.prices.current.source == "no price set"


def test_catalog_row_when_an_embedding_model_then_its_api_style(
    load_card: Callable[..., ModelCard],
) -> None:
    card = load_card(OWN + 'modalities_output = ["embedding"]\n')
    row = catalog_row(card, ModelState.READY, NOW)
    assert (row.api_style, row.modalities) == ("embedding", ["Text", "Embedding"])


def test_catalog_row_when_a_price_changed_then_the_one_in_force_and_the_history(
    shipped: Catalog,
) -> None:
    card = shipped.get("openai/gpt-oss-20b")
    before = catalog_row(card, ModelState.READY, datetime(2026, 1, 1, tzinfo=UTC))
    after = catalog_row(card, ModelState.READY, NOW)
    assert before.price_cents_per_billion_tokens_output == 20_000
    assert after.price_cents_per_billion_tokens_output == 13_000
    assert before.prices.history == after.prices.history
    assert [price.effective_date for price in after.prices.history] == ["2025-08-05", "2026-09-03"]
    assert after.prices.current == after.prices.history[1]


@pytest.mark.parametrize("model_id", PRICE_TABLE)
def test_catalog_row_when_compared_with_the_price_page_then_equal(
    shipped: Catalog, model_id: str
) -> None:
    dollars_in, dollars_out = PRICE_TABLE[model_id]
    row = catalog_row(shipped.get(model_id), ModelState.READY, NOW)
    assert row.price_cents_per_billion_tokens_input == Decimal(dollars_in) * 100_000
    assert row.price_cents_per_billion_tokens_output == Decimal(dollars_out) * 100_000


@given(st.integers(0, 10**12))
def test_cents_per_btok_when_any_price_then_never_less_and_never_a_cent_more(nusd: int) -> None:
    shown = cents_per_btok(nusd) * 10_000
    assert nusd <= shown < nusd + 10_000


def test_cents_per_btok_when_the_price_is_whole_then_exact() -> None:
    assert cents_per_btok(parse_usd("0.55")) == 55_000
    assert cents_per_btok(parse_usd("0.0025")) == 250


@pytest.mark.parametrize(
    ("day", "stage", "status"),
    [(1, "deprecated", "hosted"), (2, "retired", "indexed")],
)
def test_catalog_row_when_a_day_has_come_then_the_stage_of_that_day(
    load_card: Callable[..., ModelCard], day: int, stage: str, status: str
) -> None:
    card = load_card(
        OWN + "deprecated_on = 2026-11-01\nretired_on = 2026-11-02\n"
        'replacement = "weft/tiny-chat"\n'
    )
    row = catalog_row(card, ModelState.READY, datetime(2026, 11, day, tzinfo=UTC))
    assert (row.lifecycle_stage.value, row.status) == (stage, status)
    assert (row.deprecation_date, row.retirement_date) == ("2026-11-01", "2026-11-02")
    assert row.replacement == "weft/tiny-chat"


def test_model_row_when_encoded_then_openais_object_and_ours(shipped: Catalog) -> None:
    row = as_json(model_row(shipped.get("openai/gpt-oss-20b"), ModelState.STAND_IN))
    assert row == {
        "id": "openai/gpt-oss-20b",
        "object": "model",
        "created": 0,
        "owned_by": "system",
        "root": "openai/gpt-oss-20b",
        "weft": {
            "label": "OpenAI GPT OSS 20B",
            "context_window": 131_072,
            "capabilities": {
                "streaming": True,
                "tools": True,
                "json_mode": True,
                "json_schema": True,
                "logprobs": True,
                "vision": False,
                "lora": True,
                "reasoning": "always-on",
            },
            "state": "stand-in",
            "stand_in": True,
            "badges": [],
        },
    }


def test_model_page_when_models_cannot_run_or_are_retired_then_they_are_left_out(
    shipped: Catalog, load_card: Callable[..., ModelCard]
) -> None:
    retired = load_card(OWN + "retired_on = 2026-11-01\n")
    states = [
        (shipped.get("weft/tiny-chat"), ModelState.READY),
        (shipped.get("openai/gpt-oss-20b"), ModelState.NOT_RUNNABLE),
        (shipped.get("openai/gpt-oss-120b"), ModelState.ASLEEP),
        (retired, ModelState.READY),
    ]
    page = model_page(states, NOW)
    assert page.object == "list"
    assert [row.id for row in page.data] == ["weft/tiny-chat", "openai/gpt-oss-120b"]
    assert len(catalog_page(states, NOW).models) == 4


def test_rows_when_a_probe_found_something_broken_then_both_say_so_and_claim_it_no_more(
    shipped: Catalog,
) -> None:
    card = shipped.get("weft/tiny-chat")
    at = datetime(2026, 11, 28, 1, 2, 3, 456, tzinfo=UTC)
    badges = (
        Badge(Feature.TOOLS, BadgeState.BROKEN, at, "a tool that must be called is not called"),
        Badge(Feature.VISION, BadgeState.ALSO_WORKS, at),
        Badge(Feature.N, BadgeState.UNKNOWN),
    )
    model = as_json(model_row(card, ModelState.READY, lambda _: badges))
    row = as_json(catalog_row(card, ModelState.READY, NOW, lambda _: badges))
    moment = "2026-11-28T01:02:03Z"
    told = "a tool that must be called is not called"
    weft = model["weft"]
    assert isinstance(weft, dict)
    assert weft["badges"] == [
        {"feature": "tools", "state": "broken", "checked_at": moment, "detail": told},
        {"feature": "vision", "state": "also-works", "checked_at": moment, "detail": ""},
        {"feature": "n", "state": "unknown", "checked_at": None, "detail": ""},
    ]
    assert isinstance(weft["capabilities"], dict)
    assert (weft["capabilities"]["tools"], weft["capabilities"]["vision"]) == (False, False)
    assert row["featureToolCalling"] is False
    assert isinstance(row["badges"], list)
    assert row["badges"][0] == {
        "feature": "tools",
        "state": "broken",
        "checkedAt": moment,
        "detail": told,
    }


@pytest.mark.parametrize(("days", "is_new"), [(-1, False), (0, True), (60, True), (61, False)])
def test_catalog_row_when_launched_lately_then_it_is_new(
    shipped: Catalog, days: int, is_new: bool
) -> None:
    launched = (NOW - timedelta(days=days)).date()
    card = replace(shipped.get("openai/gpt-oss-20b"), launched_on=launched, huggingface_likes=7)
    row = catalog_row(card, ModelState.READY, NOW)
    assert (row.is_new, row.likes_hugging_face) == (is_new, 7)


def test_catalog_row_when_there_is_a_long_description_then_it_is_told(shipped: Catalog) -> None:
    card = replace(
        shipped.get("openai/gpt-oss-20b"), description_long="One.\n\nTwo.", huggingface_id=""
    )
    row = catalog_row(card, ModelState.READY, NOW)
    assert (row.description_long, row.source) == ("One.\n\nTwo.", None)
