"""The burn order, against a reference that burns one nano-dollar at a time."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from weft.kit.money import NanoUsd
from weft.ledger.accounts import Grant, GrantKind, burn, burn_key, is_valid

NOW_US = 100


@st.composite
def grants(draw: st.DrawFn) -> list[tuple[Grant, int]]:
    """Grants of one team with what is left of each; ids differ, everything else may be the same."""
    ids = draw(st.lists(st.integers(0, 99), max_size=6, unique=True))
    pairs: list[tuple[Grant, int]] = []
    for number in ids:
        amount = draw(st.integers(1, 12))
        grant = Grant(
            id=f"grant_{number:02}",
            team_id="team_t",
            kind=draw(st.sampled_from(GrantKind)),
            source=f"s{number}",
            amount_nusd=NanoUsd(amount),
            priority=draw(st.integers(0, 2)),
            created_at_us=draw(st.integers(0, 3)),
            expires_at_us=draw(st.none() | st.integers(NOW_US - 1, NOW_US + 2)),
            note="",
            made_by="",
        )
        pairs.append((grant, draw(st.integers(0, amount))))
    return pairs


def goes_first(one: Grant, other: Grant) -> bool:
    """The rule in words: priority, earlier expiry and none last, earlier creation, id."""
    if one.priority != other.priority:
        return one.priority < other.priority
    if one.expires_at_us != other.expires_at_us:
        if one.expires_at_us is None or other.expires_at_us is None:
            return other.expires_at_us is None
        return one.expires_at_us < other.expires_at_us
    if one.created_at_us != other.created_at_us:
        return one.created_at_us < other.created_at_us
    return one.id < other.id


def burn_slowly(amount: int, pairs: list[tuple[Grant, int]]) -> tuple[dict[str, int], int]:
    left = {grant.id: rest for grant, rest in pairs}
    taken: dict[str, int] = {}
    for nano in range(amount):
        usable = [g for g, _ in pairs if left[g.id] > 0 and is_valid(g, NOW_US)]
        if not usable:
            return taken, amount - nano
        first = next(g for g in usable if all(g is o or goes_first(g, o) for o in usable))
        left[first.id] -= 1
        taken[first.id] = taken.get(first.id, 0) - 1
    return taken, 0


@given(grants())
def test_burn_key_when_grants_are_compared_then_it_is_a_total_order_and_the_rule(
    pairs: list[tuple[Grant, int]],
) -> None:
    for one, _ in pairs:
        for other, _ in pairs:
            assert (burn_key(one) < burn_key(other)) is (
                one is not other and goes_first(one, other)
            )
    assert len({burn_key(grant) for grant, _ in pairs}) == len(pairs)


@given(grants(), st.integers(0, 40), st.randoms(use_true_random=False))
def test_burn_when_in_any_order_then_as_the_reference_and_never_overdrawn(
    pairs: list[tuple[Grant, int]], amount: int, random: Random
) -> None:
    expected, unpaid = burn_slowly(amount, pairs)
    random.shuffle(pairs)
    entries, rest = burn(amount, pairs, NOW_US)
    assert dict(entries) == expected
    assert rest == unpaid
    assert len(dict(entries)) == len(entries)
    assert all(-amount <= part < 0 for _, part in entries)
    left = {grant.id: rest for grant, rest in pairs}
    assert all(left[grant_id] + part >= 0 for grant_id, part in entries)
    assert amount == rest - sum(part for _, part in entries)


def test_is_valid_when_the_moment_of_expiry_comes_then_no_more() -> None:
    grant = Grant("g", "t", GrantKind.PLAN, "s", NanoUsd(1), 1, 0, NOW_US, "", "")
    assert is_valid(grant, NOW_US - 1)
    assert not is_valid(grant, NOW_US)
