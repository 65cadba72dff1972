"""Zero false badges: what a broken engine cannot do is never shown as working, and what it can do never as broken."""

import pytest
from tests.engines.probes.conftest import SOUND, Bench

from weft.catalog.badges.types import Badge, BadgeState, Feature
from weft.engines.kinds.fake.broken import KNOWN
from weft.engines.probes.found import Found

F = Feature
FIELDS = {
    "n": {F.N},
    "seed": {F.SEED},
    "stop": {F.STOP},
    "logprobs": {F.LOGPROBS},
    "tools": {F.TOOLS},
    "response_format": {F.JSON_OBJECT, F.JSON_SCHEMA},
    "images": {F.VISION},
}
FORMS = {F.JSON_OBJECT, F.JSON_SCHEMA}
DEFECTS: dict[str, set[Feature]] = {
    **{f"400-{field}": broken for field, broken in FIELDS.items()},
    **{f"500-{field}": broken for field, broken in FIELDS.items()},
    "n": {F.N},
    "n-stream": {F.N},
    "n-index": {F.N},
    "n-open": {F.N},
    "seed": {F.SEED},
    "stop": {F.STOP},
    "stop-kept": {F.STOP},
    "stop-late": {F.STOP},
    "stop-reason": {F.STOP},
    "tools": {F.TOOLS},
    "choice": {F.TOOLS},
    "tools-text": {F.TOOLS},
    "tools-stream": {F.TOOLS},
    "call-id": {F.TOOLS},
    "call-name": {F.TOOLS},
    "args-cut": {F.TOOLS},
    "args-type": {F.TOOLS},
    "args-value": {F.TOOLS},
    "args-missing": {F.TOOLS},
    "args-extra": {F.TOOLS},
    "format": FORMS,
    "json-prose": FORMS,
    "json-fence": FORMS,
    "json-type": {F.JSON_SCHEMA},
    "json-value": {F.JSON_SCHEMA},
    "json-missing": {F.JSON_SCHEMA},
    "json-extra": {F.JSON_SCHEMA},
    "think-inline": {F.REASONING},
    "think-unclosed": {F.REASONING},
    "think-lost": {F.REASONING},
    "switch": {F.REASONING},
    "usage-stream": {F.USAGE},
    "usage-no-prompt": {F.USAGE},
    "usage-double": {F.USAGE},
    "usage-fixed": {F.USAGE},
    "usage-differs": {F.USAGE},
    "usage-no-answer": {F.USAGE},
    "usage-more": {F.USAGE},
    "usage-total": {F.USAGE},
    "logprobs": {F.LOGPROBS},
    "top-logprobs": {F.LOGPROBS},
    "logprobs-nan": {F.LOGPROBS},
    "logprobs-null": {F.LOGPROBS},
    "logprobs-huge": {F.LOGPROBS},
    "logprobs-positive": {F.LOGPROBS},
    "logprobs-sum": {F.LOGPROBS},
    "logprobs-twice": {F.LOGPROBS},
    "logprobs-text": {F.LOGPROBS},
    "logprobs-stream": {F.LOGPROBS},
    "one-piece": {F.STREAM},
    "deaf": {F.CANCEL},
    "truncates": {F.CONTEXT},
    "narrow": {F.CONTEXT},
    "overrun": {F.CONTEXT},
    "tools+n+usage-total": {F.TOOLS, F.N, F.USAGE},
    "500-stop+json-extra+one-piece": {F.STOP, F.JSON_SCHEMA, F.STREAM},
    "400-seed+logprobs-sum+think-inline": {F.SEED, F.LOGPROBS, F.REASONING},
}
"""By name in `broken=`: exactly what must not be shown as working."""
HARMLESS = (SOUND + ",done=off", SOUND + ",odd_chunks", SOUND + ",comments,crlf")
"""What the door makes up for."""


MAY_BE_UNKNOWN: dict[str, set[Feature]] = {
    "usage-no-prompt": {F.CONTEXT, F.VISION},
    "usage-fixed": {F.CONTEXT, F.VISION},
    "usage-no-answer": {F.CANCEL},
    "one-piece": {F.CANCEL},
    "500-stop+json-extra+one-piece": {F.CANCEL},
}
"""What cannot be told because of the defect: by counts that lie, or in an answer that comes at once."""


async def badges(bench: Bench) -> dict[Feature, BadgeState]:
    return {badge.feature: badge.state for badge in await full_badges(bench)}


async def full_badges(bench: Bench) -> tuple[Badge, ...]:
    found = Found()
    found.take((await bench.probe()).values(), bench.card.capabilities)
    made = found.badges(bench.card.capabilities)
    assert [badge.feature for badge in made] == list(Feature)
    return made


def test_defects_when_counted_then_they_are_fifty_and_more_and_all_are_known() -> None:
    assert len(DEFECTS) >= 50
    single = {name for name in DEFECTS if "+" not in name}
    assert KNOWN - single == {"400-stream", "500-stream", "stream", "open-end"}


async def test_probe_when_engine_is_sound_then_every_badge_says_so(bench: Bench) -> None:
    assert await badges(bench) == dict.fromkeys(Feature, BadgeState.WORKS)


@pytest.mark.parametrize("part", range(4))
async def test_probe_when_engine_is_broken_then_no_badge_is_false(bench: Bench, part: int) -> None:
    for name in sorted(DEFECTS)[part::4]:
        await bench.behave(f"{SOUND},broken={name}")
        for badge in await full_badges(bench):
            is_broken = badge.feature in DEFECTS[name]
            right = {BadgeState.BROKEN if is_broken else BadgeState.WORKS}
            if badge.feature in MAY_BE_UNKNOWN.get(name, ()):
                right = {BadgeState.WORKS, BadgeState.UNKNOWN}
            assert badge.state in right, f"{name}: {badge}"


@pytest.mark.parametrize("name", ["400-stream", "500-stream", "stream", "open-end"])
async def test_probe_when_engine_cannot_stream_then_what_rests_on_it_does_not_work(
    bench: Bench, name: str
) -> None:
    await bench.behave(f"{SOUND},broken={name}")
    found = await badges(bench)
    assert found[F.STREAM] is BadgeState.BROKEN
    assert found[F.TOOLS] is not BadgeState.WORKS
    assert (found[F.CANCEL] is BadgeState.WORKS) == (name == "open-end")
    assert found[F.SEED] is found[F.REASONING] is BadgeState.WORKS


@pytest.mark.parametrize("behaviour", HARMLESS)
async def test_probe_when_the_door_makes_up_for_it_then_nothing_is_missing(
    bench: Bench, behaviour: str
) -> None:
    await bench.behave(behaviour)
    assert await badges(bench) == dict.fromkeys(Feature, BadgeState.WORKS)
