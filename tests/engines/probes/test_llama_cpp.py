"""The suite against llama.cpp and the tiny model that ships: every badge is right."""

import pytest
from tests.engines.probes.conftest import MakeBench

from weft.catalog.badges.types import BadgeState, Feature
from weft.catalog.load import load_catalog
from weft.engines.probes.found import Found

pytest.importorskip("xllamacpp")

NOT_THIS_MODEL = {Feature.REASONING, Feature.VISION}


async def test_probe_when_the_tiny_model_is_asked_then_every_badge_is_right(
    make_bench: MakeBench,
) -> None:
    card = load_catalog().get("weft/tiny-chat")
    bench = await make_bench(card)
    found = Found()
    found.take((await bench.probe()).values(), card.capabilities)
    made = found.badges(card.capabilities)
    wrong = [
        badge
        for badge in made
        if badge.state
        is not (BadgeState.ABSENT if badge.feature in NOT_THIS_MODEL else BadgeState.WORKS)
    ]
    assert wrong == []
    assert all(badge.checked_at is not None for badge in made)
