"""The shapes of `/api/prices`. Prices are text: whole nano-dollars per million tokens."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from weft.catalog.safety import FIGURES
from weft.catalog.types import ModelCard, Price
from weft.kit.clock import from_us
from weft.ledger.prices.added import Added
from weft.ledger.prices.desk import Judged, NewPrice
from weft.ledger.prices.store import BookPrice

Figure = Annotated[str, Field(pattern=r"^\d{1,13}$")]
Text = Annotated[str, Field(max_length=500)]


class PriceOrigin(StrEnum):
    """Where a price came from."""

    FILE = "file"
    """A file of the catalog, at a start of the server."""
    ADDED = "added"
    """An administrator, while it ran."""


class PriceStage(StrEnum):
    """Where a price is in its life."""

    IN_FORCE = "in_force"
    SCHEDULED = "scheduled"
    PAST = "past"
    WITHDRAWN = "withdrawn"
    UNUSED = "unused"
    """In the book, and no file says it any more."""


class DatedPrice(BaseModel):
    """One dated price."""

    version: str
    effective_at: datetime
    input_nusd_per_mtok: str
    cached_input_nusd_per_mtok: str
    output_nusd_per_mtok: str
    source: str
    origin: PriceOrigin
    stage: PriceStage
    recorded_at: datetime
    added_by: str
    note: str
    override_by: str
    """Who stood by it although the safety check was against it."""
    override_reason: str
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdraw_reason: str


class ModelPrices(BaseModel):
    """One model, and every price that it ever had, the newest first."""

    model: str
    label: str
    in_catalog: bool
    history: list[DatedPrice]


class PriceBookInfo(BaseModel):
    """The price book."""

    earliest: date
    """The first day that a price can be added for."""
    may_add: bool
    models: list[ModelPrices]


class PriceRequest(BaseModel):
    """A price to judge."""

    model_config = ConfigDict(extra="forbid")

    model: Annotated[str, Field(min_length=1, max_length=256)]
    effective_on: date
    input_nusd_per_mtok: Figure
    output_nusd_per_mtok: Figure
    cached_input_nusd_per_mtok: Figure | None = None
    """Left out: as any input."""

    def wanted(self, *, source: str = "", note: str = "", override_reason: str = "") -> NewPrice:
        """As the desk takes it."""
        cached = self.cached_input_nusd_per_mtok
        return NewPrice(
            model_id=self.model,
            effective_on=self.effective_on,
            input_nusd_per_mtok=int(self.input_nusd_per_mtok),
            output_nusd_per_mtok=int(self.output_nusd_per_mtok),
            cached_input_nusd_per_mtok=int(self.input_nusd_per_mtok if cached is None else cached),
            source=source,
            note=note,
            override_reason=override_reason,
        )


class AddPriceRequest(PriceRequest):
    """A price to add."""

    source: Annotated[str, Field(min_length=1, max_length=200)]
    """Where the figures were read or decided."""
    note: Text = ""
    override_reason: Text = ""
    """Why it is meant, where the safety check is against it."""


class DoubtInfo(BaseModel):
    """Why a price is refused unless somebody stands by it."""

    figure: str
    what: str


class FigureStep(BaseModel):
    """One figure beside the one before it."""

    figure: str
    before_nusd_per_mtok: str | None
    after_nusd_per_mtok: str


class PriceCheck(BaseModel):
    """What the safety check says to a price; nothing was saved."""

    passes: bool
    version: str
    effective_at: datetime
    doubts: list[DoubtInfo]
    follows: str | None
    """The version before it; null where the model costs nothing until then."""
    until: datetime | None
    """From when on another price holds already."""
    steps: list[FigureStep]


def model_prices(
    model_id: str,
    card: ModelCard | None,
    rows: Sequence[BookPrice],
    added: Mapping[str, Added],
    now: datetime,
) -> ModelPrices:
    """A model of the book, as told."""
    held = {price.version: price for price in card.history} if card else {}
    current = card.price_at(now).version if card else ""
    history = [_info(row, added.get(row.version), _stage(row, held, current, now)) for row in rows]
    marked = [
        info.model_copy(update={"stage": PriceStage.WITHDRAWN}) if info.withdrawn_at else info
        for info in history
    ]
    return ModelPrices(
        model=model_id,
        label=card.label if card else model_id,
        in_catalog=card is not None,
        history=marked[::-1],
    )


def added_info(row: BookPrice, one: Added) -> DatedPrice:
    """A price that was just added, or withdrawn."""
    stage = PriceStage.SCHEDULED if one.withdrawn_at_us is None else PriceStage.WITHDRAWN
    return _info(row, one, stage)


def price_check(judged: Judged) -> PriceCheck:
    """What the safety check says, as told."""
    before = judged.before
    return PriceCheck(
        passes=not judged.doubts,
        version=judged.price.version,
        effective_at=judged.price.effective_at,
        doubts=[DoubtInfo(figure=one.figure, what=one.what) for one in judged.doubts],
        follows=None if before is None else before.version,
        until=None if judged.after is None else judged.after.effective_at,
        steps=[
            FigureStep(
                figure=figure,
                before_nusd_per_mtok=None if before is None else str(getattr(before, figure)),
                after_nusd_per_mtok=str(getattr(judged.price, figure)),
            )
            for figure in FIGURES
        ],
    )


def _stage(row: BookPrice, held: Mapping[str, Price], current: str, now: datetime) -> PriceStage:
    if row.version not in held:
        return PriceStage.UNUSED
    if row.version == current:
        return PriceStage.IN_FORCE
    return PriceStage.SCHEDULED if held[row.version].effective_at > now else PriceStage.PAST


def _info(row: BookPrice, one: Added | None, stage: PriceStage) -> DatedPrice:
    withdrawn_at_us = one.withdrawn_at_us if one else None
    return DatedPrice(
        version=row.version,
        effective_at=from_us(row.effective_at_us),
        input_nusd_per_mtok=str(row.input_nusd_per_mtok),
        cached_input_nusd_per_mtok=str(row.cached_input_nusd_per_mtok),
        output_nusd_per_mtok=str(row.output_nusd_per_mtok),
        source=row.source,
        origin=PriceOrigin.ADDED if one else PriceOrigin.FILE,
        stage=stage,
        recorded_at=from_us(row.recorded_at_us),
        added_by=one.added_by if one else "",
        note=one.note if one else "",
        override_by=row.override_by,
        override_reason=row.override_reason,
        withdrawn_at=None if withdrawn_at_us is None else from_us(withdrawn_at_us),
        withdrawn_by=one.withdrawn_by if one else "",
        withdraw_reason=one.withdraw_reason if one else "",
    )
