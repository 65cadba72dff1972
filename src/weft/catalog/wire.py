"""The catalog as the outside sees it: the hosted service's public rows, and the rows of `GET /v1/models`.

Field names are those of the hosted service's `/inference/catalog/models` (its API reference, read 2026-11) and of
OpenAI's model object; what we add stands beside them: `prices`, `needs`, `runnable`, `standIn`, `state` and the like in
the catalog, the `weft` object in a model row. Pure functions of a card and of what the caller says about its state.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from weft.catalog.adapters.types import Adapter
from weft.catalog.badges.wire import (
    BadgeRow,
    BadgesOf,
    CatalogBadgeRow,
    badge_rows,
    catalog_badge_rows,
    in_force,
    no_badges,
)
from weft.catalog.needs import describe_needs
from weft.catalog.types import (
    Lifecycle,
    Modality,
    ModelCard,
    ModelState,
    Price,
    ReasoningPolicy,
)

NUSD_PER_MTOK_PER_CENT_PER_BTOK = 10_000
"""One cent per billion tokens is a thousandth of a cent per million: 10,000 nano-dollars."""
NEW_DAYS = 60
"""So long after its launch a model is called new."""
OPEN_WEIGHTS = "Open weights"


class PriceRow(msgspec.Struct, frozen=True, rename="camel"):
    """One version of a price, exact: nano-dollars per million tokens, as strings."""

    version: str
    effective_date: str
    input_nusd_per_mtok: str
    output_nusd_per_mtok: str
    cached_input_nusd_per_mtok: str
    source: str


class PriceRows(msgspec.Struct, frozen=True, rename="camel"):
    """The price in force, and every version that is known, oldest first."""

    current: PriceRow
    history: list[PriceRow]


class CatalogRow(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One model of the public catalog. Null means that nobody said."""

    provider: str
    id: str
    id_playground: str | None
    id_hugging_face: str | None
    label: str
    label_open_router: str | None
    status: str
    lifecycle_stage: Lifecycle
    available_in: list[str]
    launch_date: str | None
    launched_quarter: str | None
    description_short: str
    description_medium: str
    feature_reasoning: bool
    feature_json_mode: bool
    feature_structured_output: bool
    feature_tool_calling: bool
    feature_lora: bool = msgspec.field(name="featureLoRA")
    feature_trainable_serverless_rl: bool = msgspec.field(name="featureTrainableServerlessRL")
    parameter_count_total: int | None
    parameter_count_active: int | None
    context_window: int
    quantization: str | None
    price_cents_per_billion_tokens_input: int
    price_cents_per_billion_tokens_cached: int
    price_cents_per_billion_tokens_output: int
    is_available_open_router: bool
    api_style: str
    modalities: list[str]
    modalities_input: list[str]
    modalities_output: list[str]
    tags: list[str]
    likes_hugging_face: int | None
    downloads_hugging_face: int | None
    license: str
    # From here on: ours.
    description_long: str
    source: str | None
    """`Open weights` where anybody can have them; null where nobody said."""
    is_new: bool
    aliases: list[str]
    prices: PriceRows
    needs: list[str]
    state: ModelState
    runnable: bool
    stand_in: bool
    reasoning_policy: ReasoningPolicy
    badges: list[CatalogBadgeRow]
    deprecation_date: str | None
    retirement_date: str | None
    replacement: str | None


class CatalogPage(msgspec.Struct, frozen=True):
    """The body of `GET /inference/catalog/models`."""

    models: list[CatalogRow]


class CapabilityFlags(msgspec.Struct, frozen=True):
    """What the card claims that the model can do, and no probe found broken."""

    streaming: bool
    tools: bool
    json_mode: bool
    json_schema: bool
    logprobs: bool
    vision: bool
    lora: bool
    reasoning: ReasoningPolicy


class AdapterFacts(msgspec.Struct, frozen=True):
    """What we tell of an adapter."""

    name: str
    version: str
    aliases: list[str]
    artifact: str | None
    """Its name in the hosted service's form; null for one that is no team's."""
    rank: int


class WeftModel(msgspec.Struct, frozen=True):
    """What we add to OpenAI's model object."""

    label: str
    context_window: int
    capabilities: CapabilityFlags
    state: ModelState
    stand_in: bool
    badges: list[BadgeRow]
    adapter: AdapterFacts | msgspec.UnsetType = msgspec.UNSET
    """Only in the row of an adapter."""


class ModelRow(msgspec.Struct, frozen=True):
    """OpenAI's model object, as the hosted service fills it."""

    id: str
    root: str
    weft: WeftModel
    parent: str | msgspec.UnsetType = msgspec.UNSET
    """Only in the row of an adapter: the model that it is for, as vLLM tells it."""
    object: str = "model"
    created: int = 0
    owned_by: str = "system"


class ModelPage(msgspec.Struct, frozen=True):
    """The body of `GET /v1/models`."""

    data: list[ModelRow]
    object: str = "list"


def catalog_page(
    models: Iterable[tuple[ModelCard, ModelState]],
    now: datetime,
    badges_of: BadgesOf = no_badges,
) -> CatalogPage:
    """Every model, those included that cannot run here or are retired."""
    return CatalogPage([catalog_row(card, state, now, badges_of) for card, state in models])


def model_page(
    models: Iterable[tuple[ModelCard, ModelState]],
    now: datetime,
    adapters: Iterable[ModelRow] = (),
    badges_of: BadgesOf = no_badges,
) -> ModelPage:
    """The models that a request may name: those that run here and are not retired; then the adapters on them."""
    rows = [
        model_row(card, state, badges_of)
        for card, state in models
        if state.runnable and card.lifecycle_on(now.date()) is not Lifecycle.RETIRED
    ]
    return ModelPage([*rows, *adapters])


def model_row(card: ModelCard, state: ModelState, badges_of: BadgesOf = no_badges) -> ModelRow:
    """One row of `GET /v1/models`."""
    badges = badges_of(card)
    can = in_force(card.capabilities, badges)
    return ModelRow(
        id=card.id,
        root=card.id,
        weft=WeftModel(
            label=card.label,
            context_window=card.context_window_tokens,
            capabilities=CapabilityFlags(
                streaming=can.streaming,
                tools=can.tools,
                json_mode=can.json_mode,
                json_schema=can.json_schema,
                logprobs=can.logprobs,
                vision=can.vision,
                lora=can.lora,
                reasoning=can.reasoning,
            ),
            state=state,
            stand_in=state.stand_in,
            badges=badge_rows(badges),
        ),
    )


def adapter_row(
    card: ModelCard,
    state: ModelState,
    adapter: Adapter,
    name: str,
    badges_of: BadgesOf = no_badges,
) -> ModelRow:
    """The row of `card` with `adapter`, which the caller may call `name`."""
    row = model_row(card, state, badges_of)
    facts = AdapterFacts(
        name=adapter.name,
        version=adapter.version,
        aliases=list(adapter.aliases),
        artifact=adapter.artifact or None,
        rank=adapter.peft.rank,
    )
    weft = msgspec.structs.replace(
        row.weft, label=f"{card.label} with {adapter.name}", adapter=facts
    )
    return msgspec.structs.replace(row, id=name, parent=card.id, weft=weft)


def catalog_row(
    card: ModelCard, state: ModelState, now: datetime, badges_of: BadgesOf = no_badges
) -> CatalogRow:
    """One model as the public catalog shows it at `now`."""
    badges = badges_of(card)
    can = in_force(card.capabilities, badges)
    price = card.price_at(now)
    stage = card.lifecycle_on(now.date())
    usable = state.runnable and stage is not Lifecycle.RETIRED
    modalities = dict.fromkeys((*card.modalities_input, *card.modalities_output))
    launched = card.launched_on
    return CatalogRow(
        provider=card.provider,
        id=card.id,
        id_playground=card.id if usable else None,
        id_hugging_face=card.huggingface_id or None,
        label=card.label,
        label_open_router=None,
        status="hosted" if usable else "indexed",
        lifecycle_stage=stage,
        available_in=["weft"] if usable else [],
        launch_date=f"{launched.isoformat()}T00:00:00Z" if launched else None,
        launched_quarter=f"{launched.year} Q{(launched.month + 2) // 3}" if launched else None,
        description_short=card.description_short,
        description_medium=card.description_medium,
        feature_reasoning=can.reasoning is not ReasoningPolicy.NONE,
        feature_json_mode=can.json_mode,
        feature_structured_output=can.json_schema,
        feature_tool_calling=can.tools,
        feature_lora=can.lora,
        feature_trainable_serverless_rl=False,
        parameter_count_total=card.parameters_total or None,
        parameter_count_active=card.parameters_active or None,
        context_window=card.context_window_tokens,
        quantization=card.quantization or None,
        price_cents_per_billion_tokens_input=cents_per_btok(price.input_nusd_per_mtok),
        price_cents_per_billion_tokens_cached=cents_per_btok(price.cached_input_nusd_per_mtok),
        price_cents_per_billion_tokens_output=cents_per_btok(price.output_nusd_per_mtok),
        is_available_open_router=False,
        api_style="embedding" if Modality.EMBEDDING in card.modalities_output else "chat",
        modalities=_titles(modalities),
        modalities_input=_titles(card.modalities_input),
        modalities_output=_titles(card.modalities_output),
        tags=list(card.tags),
        likes_hugging_face=card.huggingface_likes,
        downloads_hugging_face=card.huggingface_downloads,
        license=card.license,
        description_long=card.description_long or card.description_medium,
        source=OPEN_WEIGHTS if card.huggingface_id else None,
        is_new=_is_new(card, now),
        aliases=list(card.aliases),
        prices=PriceRows(_price_row(price), [_price_row(version) for version in card.history]),
        needs=list(describe_needs(card)),
        state=state,
        runnable=state.runnable,
        stand_in=state.stand_in,
        reasoning_policy=card.capabilities.reasoning,
        badges=catalog_badge_rows(badges),
        deprecation_date=card.deprecated_on.isoformat() if card.deprecated_on else None,
        retirement_date=card.retired_on.isoformat() if card.retired_on else None,
        replacement=card.replacement or None,
    )


def cents_per_btok(price_nusd_per_mtok: int) -> int:
    """The hosted catalog's unit, rounded up: never less than what is charged. $0.55 per million is 55,000."""
    return -(-price_nusd_per_mtok // NUSD_PER_MTOK_PER_CENT_PER_BTOK)


def _is_new(card: ModelCard, now: datetime) -> bool:
    launched = card.launched_on
    age = None if launched is None else now.date() - launched
    return age is not None and timedelta(0) <= age <= timedelta(days=NEW_DAYS)


def _price_row(price: Price) -> PriceRow:
    return PriceRow(
        version=price.version,
        effective_date=price.effective_at.date().isoformat(),
        input_nusd_per_mtok=str(price.input_nusd_per_mtok),
        output_nusd_per_mtok=str(price.output_nusd_per_mtok),
        cached_input_nusd_per_mtok=str(price.cached_input_nusd_per_mtok),
        source=price.source,
    )


def _titles(modalities: Iterable[Modality]) -> list[str]:
    """`Text` and `Vision`, as the hosted catalog writes them."""
    return [modality.value.title() for modality in modalities]
