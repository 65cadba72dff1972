"""The catalog: every card by its id and its aliases, and the errors for a model that is not to be had.

Lookups are one dictionary access; the one thing that changes is that models are added. Knows what day it is, because
announced retirements take effect by themselves, and knows nothing about what runs.
"""

import difflib
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from weft.catalog.types import Lifecycle, ModelCard
from weft.kit.clock import Clock, SystemClock
from weft.kit.errors import Json, NotFound

NOT_FOUND = "The requested resource was not found"
"""The hosted service's words for a model id that it does not serve."""

LIST_REMEDY = "GET /v1/models lists what this server runs"
MAX_SUGGESTIONS = 3
MAX_QUOTED_ID = 200


class ModelNotFound(NotFound):
    """No model goes by this id; `did_you_mean` in the metadata names the nearest ones."""

    code = "model_not_found"


class ModelRetired(ModelNotFound):
    """The model was withdrawn; the metadata names the date and what to use instead."""


class Catalog:
    """All cards. Ids are case-sensitive, as the hosted service's are."""

    __slots__ = ("_by_name", "_clock", "_folded", "cards")

    cards: tuple[ModelCard, ...]
    """In the order of their ids."""

    def __init__(self, cards: Iterable[ModelCard], clock: Clock | None = None) -> None:
        self._clock = clock if clock is not None else SystemClock()
        self._fill(cards)

    def add(self, card: ModelCard) -> None:
        """Have one model more, from now on. Its names are those of no other model: `load_catalog` has seen to it."""
        self._fill((*self.cards, card))

    def _fill(self, cards: Iterable[ModelCard]) -> None:
        """Each table is replaced as a whole: a reader in another thread sees the old one or the new one."""
        by_name: dict[str, ModelCard] = {}
        ordered = tuple(sorted(cards, key=lambda card: card.id.lower()))
        for card in ordered:
            for name in (card.id, *card.aliases):
                other = by_name.setdefault(name, card)
                assert other is card, f"{name} names both {other.id} and {card.id}"
        self.cards = ordered
        self._by_name: Mapping[str, ModelCard] = MappingProxyType(by_name)
        self._folded = {name.lower(): name for name in by_name}

    def find(self, model_id: str) -> ModelCard | None:
        """The card with this id or alias, whatever its stage."""
        return self._by_name.get(model_id)

    def get(self, model_id: str) -> ModelCard:
        """The card with this id or alias, whatever its stage.

        Raises:
            ModelNotFound: if there is none.
        """
        card = self._by_name.get(model_id)
        if card is None:
            raise self.not_found(model_id)
        return card

    def resolve(self, model_id: str) -> ModelCard:
        """The card that a request for `model_id` is for.

        Raises:
            ModelRetired: if it was withdrawn.
            ModelNotFound: if there is none.
        """
        card = self.get(model_id)
        if (
            card.retired_on is not None
            and card.lifecycle_on(self.now().date()) is Lifecycle.RETIRED
        ):
            raise _retired(card)
        return card

    def nearest(self, model_id: str) -> tuple[str, ...]:
        """The ids most like `model_id`: the one that differs only in case first, then by spelling."""
        folded = model_id[:MAX_QUOTED_ID].lower()
        short_names = {name.rpartition("/")[2]: name for name in self._folded}
        near = [name for name in (folded,) if name in self._folded]
        if folded in short_names:
            near.append(short_names[folded])
        near += difflib.get_close_matches(folded, self._folded, n=MAX_SUGGESTIONS, cutoff=0.6)
        ids = dict.fromkeys(self._by_name[self._folded[name]].id for name in near)
        return tuple(ids)[:MAX_SUGGESTIONS]

    def now(self) -> datetime:
        """The moment that prices and stages are read at, in UTC."""
        return self._clock.now()

    def not_found(self, model_id: str) -> ModelNotFound:
        """What is said of an id that nothing here has."""
        quoted = model_id if len(model_id) <= MAX_QUOTED_ID else model_id[:MAX_QUOTED_ID] + "..."
        near = self.nearest(model_id)
        asked = f" Did you mean `{near[0]}`?" if near else ""
        suggestions: list[Json] = list(near)
        return ModelNotFound(
            f"{NOT_FOUND}: there is no model `{quoted}` here.{asked}",
            param="model",
            remedy=LIST_REMEDY,
            metadata={"model": quoted, "did_you_mean": suggestions},
        )


def _retired(card: ModelCard) -> ModelRetired:
    instead = f" Use `{card.replacement}` instead." if card.replacement else ""
    remedy = f"use {card.replacement}; {LIST_REMEDY}" if card.replacement else LIST_REMEDY
    return ModelRetired(
        f"{NOT_FOUND}: the model `{card.id}` was retired on {card.retired_on}.{instead}",
        param="model",
        remedy=remedy,
        metadata={
            "model": card.id,
            "retired_on": str(card.retired_on),
            "replacement": card.replacement or None,
        },
    )
