"""What probes found of one model so far, and what follows from it.

One `Found` for each model, shared by every route to it: the door looks at `off`, which is empty as long as everything
works that the card claims. Invariants: an unknown verdict never takes the place of a settled one, and never turns
anything off; what a card does not claim stays unclaimed whatever a probe finds.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from weft.catalog.badges.types import Badge, BadgeState, Feature, claims, without
from weft.catalog.types import Capabilities
from weft.engines.probes.types import Outcome, Verdict

_NOTHING: Mapping[Feature, Verdict] = MappingProxyType({})


class Found:
    """The last verdicts on one model."""

    __slots__ = ("off", "verdicts")

    def __init__(self) -> None:
        self.verdicts: Mapping[Feature, Verdict] = _NOTHING
        """The last one of each feature that could tell, or else the last one."""
        self.off: Mapping[Feature, Verdict] = _NOTHING
        """Why what the card claims is not in force."""

    def take(self, verdicts: Iterable[Verdict], claimed: Capabilities) -> None:
        """Let `verdicts` hold from now on, where they can tell, for a card that claims these capabilities."""
        self.replace(merged(self.verdicts, verdicts), claimed)

    def replace(self, verdicts: Mapping[Feature, Verdict], claimed: Capabilities) -> None:
        """Forget what was known: the engine or its weights are others now."""
        self.verdicts = MappingProxyType(dict(verdicts))
        off = {name: verdict for name, verdict in verdicts.items() if is_off(verdict, claimed)}
        self.off = MappingProxyType(off) if off else _NOTHING

    def in_force(self, claimed: Capabilities) -> Capabilities:
        """What a card claims and no probe turned off."""
        return without(claimed, self.off.keys())

    def badges(self, claimed: Capabilities) -> tuple[Badge, ...]:
        """One for each feature, in the order of the features."""
        return tuple(_badge(feature, self.verdicts.get(feature), claimed) for feature in Feature)


def merged(known: Mapping[Feature, Verdict], news: Iterable[Verdict]) -> dict[Feature, Verdict]:
    """`known` with `news` laid over it: what cannot tell changes nothing that could."""
    both = dict(known)
    for verdict in news:
        old = both.get(verdict.feature)
        if verdict.is_settled or old is None or not old.is_settled:
            both[verdict.feature] = verdict
    return both


def is_off(verdict: Verdict, claimed: Capabilities) -> bool:
    """Whether `verdict` takes from a card what it claims."""
    return verdict.is_settled and not verdict.works and claims(claimed, verdict.feature)


def _badge(feature: Feature, verdict: Verdict | None, claimed: Capabilities) -> Badge:
    is_claimed = claims(claimed, feature)
    if verdict is None:
        return Badge(feature, BadgeState.UNKNOWN if is_claimed else BadgeState.ABSENT)
    match verdict.outcome:
        case Outcome.PASSED:
            state = BadgeState.WORKS if is_claimed else BadgeState.ALSO_WORKS
        case Outcome.UNKNOWN:
            state = BadgeState.UNKNOWN if is_claimed else BadgeState.ABSENT
        case _:
            state = BadgeState.BROKEN if is_claimed else BadgeState.ABSENT
    return Badge(feature, state, verdict.at, verdict.detail)
