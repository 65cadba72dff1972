"""Badges as the outside sees them: in a model row with the words of `/v1`, in the catalog with the catalog's."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from weft.catalog.badges.types import Badge, BadgeState, Feature, without
from weft.catalog.types import Capabilities, ModelCard

BadgesOf = Callable[[ModelCard], Sequence[Badge]]
"""What is known of a model's features; told by whoever probes."""


class BadgeRow(msgspec.Struct, frozen=True):
    """One feature. `checked_at` is null where no probe was made, or none could tell."""

    feature: Feature
    state: BadgeState
    checked_at: str | None
    detail: str


class CatalogBadgeRow(msgspec.Struct, frozen=True, rename="camel"):
    """The same in the catalog."""

    feature: Feature
    state: BadgeState
    checked_at: str | None
    detail: str


def no_badges(card: ModelCard) -> Sequence[Badge]:  # noqa: ARG001 - a `BadgesOf`
    """Where nobody probes."""
    return ()


def badge_rows(badges: Sequence[Badge]) -> list[BadgeRow]:
    """For `/v1/models`."""
    return [BadgeRow(b.feature, b.state, _moment(b.checked_at), b.detail) for b in badges]


def catalog_badge_rows(badges: Sequence[Badge]) -> list[CatalogBadgeRow]:
    """For the catalog."""
    return [CatalogBadgeRow(b.feature, b.state, _moment(b.checked_at), b.detail) for b in badges]


def in_force(claimed: Capabilities, badges: Sequence[Badge]) -> Capabilities:
    """What a card claims and its badges do not call broken."""
    return without(claimed, {b.feature for b in badges if b.state is BadgeState.BROKEN})


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at is not None else None
