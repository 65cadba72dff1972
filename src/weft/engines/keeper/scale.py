"""How many replicas a model should have, from how much there is to do. Knows no engine and no clock.

Owns the rule and its hysteresis. One replica for every `target` requests, in flight or waiting; a lasting need is
answered, a short one is not; going down is slower than going up, one replica at a time, and to none only after the
model was idle for `idle_s`. Invariant: between `least` and `most` always, and at least one while there is work.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """What a card and the operator say."""

    least: int = 0
    most: int = 1
    target: int = 1
    """Requests for each replica."""
    idle_s: float = 600.0
    """After so long without work a model sleeps; infinite: never."""
    up_after_s: float = 1.0
    down_after_s: float = 60.0


class Scaler:
    """The rule for one model, with what it has to remember."""

    __slots__ = ("_above_since_s", "_below_since_s", "busy_at_s", "policy")

    def __init__(self, policy: Policy, *, now_s: float) -> None:
        self.policy = policy
        self.busy_at_s = now_s
        """When there was work last, or somebody asked for the model."""
        self._above_since_s: float | None = None
        self._below_since_s: float | None = None

    def desired(
        self, *, work: int, running: int, is_held: bool, now_s: float, asides: int = 0
    ) -> int:
        """How many there should be, with `work` requests and `running` replicas; `is_held`: it must not sleep.

        `asides` of the requests are no use that somebody makes of the model: they are not cut off, and that is all.
        """
        policy, uses = self.policy, work - asides
        if uses:
            self.busy_at_s = now_s
        fewest = max(policy.least, 1 if is_held or work else 0)
        need = min(max(math.ceil(uses / policy.target), fewest), max(policy.most, fewest))
        self._note(need, running, now_s)
        if running < fewest:
            return fewest
        if need > running:
            return need if _lasts(self._above_since_s, policy.up_after_s, now_s) else running
        if need < running and running > max(fewest, 1):
            if not _lasts(self._below_since_s, policy.down_after_s, now_s):
                return running
            self._below_since_s = now_s  # the next one goes after as long a time again
            return running - 1
        if running > fewest and now_s - self.busy_at_s >= policy.idle_s:
            return fewest
        return running

    def idle_left_s(self, now_s: float) -> float:
        """How long until it sleeps, if nothing comes."""
        return max(0.0, self.busy_at_s + self.policy.idle_s - now_s)

    def _note(self, need: int, running: int, now_s: float) -> None:
        self._above_since_s = _since(self._above_since_s, now_s) if need > running else None
        self._below_since_s = _since(self._below_since_s, now_s) if need < running else None


def _since(before_s: float | None, now_s: float) -> float:
    return now_s if before_s is None else before_s


def _lasts(since_s: float | None, long_s: float, now_s: float) -> bool:
    return since_s is not None and now_s - since_s >= long_s
