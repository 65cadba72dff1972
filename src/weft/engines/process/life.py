"""The state of one engine: which changes are legal, since when it holds, and what came before.

Owns the contract that `types.py` draws. Knows nothing of processes or servers. Invariant: every change goes through
`Life.to`, which refuses a change that the drawing lacks; the history is bounded.
"""

from collections import deque
from collections.abc import Callable

from weft.engines.types import Change, EngineState
from weft.kit.clock import Clock

HISTORY = 64

LEGAL: dict[EngineState, frozenset[EngineState]] = {
    EngineState.STOPPED: frozenset({EngineState.STARTING}),
    EngineState.STARTING: frozenset({EngineState.READY, EngineState.FAILED, EngineState.STOPPING}),
    EngineState.READY: frozenset({EngineState.FAILED, EngineState.STOPPING}),
    EngineState.STOPPING: frozenset({EngineState.STOPPED}),
    EngineState.FAILED: frozenset({EngineState.STARTING, EngineState.STOPPED}),
}
"""From each state, where it may go. `failed -> stopped`: stopped while it waited to be started again."""


class Life:
    """Where an engine is in its life. Only the engine's owning task changes it."""

    def __init__(self, clock: Clock, on_change: Callable[[Change], None]) -> None:
        """Begin as stopped; `on_change` hears of every change, at once and in the same task."""
        self._clock = clock
        self._on_change = on_change
        self._history: deque[Change] = deque(maxlen=HISTORY)
        self._history.append(Change(EngineState.STOPPED, clock.now()))

    @property
    def state(self) -> EngineState:
        """The state now."""
        return self._history[-1].state

    @property
    def last(self) -> Change:
        """The change that led to the state now."""
        return self._history[-1]

    @property
    def history(self) -> tuple[Change, ...]:
        """The newest changes, oldest first."""
        return tuple(self._history)

    @property
    def states(self) -> tuple[EngineState, ...]:
        """The states of these changes."""
        return tuple(change.state for change in self._history)

    @property
    def failure(self) -> Change | None:
        """The newest failure that is still remembered."""
        failures = (one for one in reversed(self._history) if one.state is EngineState.FAILED)
        return next(failures, None)

    def to(self, state: EngineState, reason: str = "") -> None:
        """Change to `state`, because of `reason`."""
        assert state in LEGAL[self.state], f"an engine never goes from {self.state} to {state}"
        change = Change(state, self._clock.now(), reason)
        self._history.append(change)
        self._on_change(change)


class Backoff:
    """How long to wait before the next start: it doubles, and starts over after a stable time."""

    def __init__(self, first_s: float, max_s: float, stable_s: float) -> None:
        self._first_s = first_s
        self._max_s = max_s
        self._stable_s = stable_s
        self._next_s = first_s

    def after_failure(self, ready_for_s: float) -> float:
        """The wait after an engine that had been ready for `ready_for_s` (0: never was)."""
        if ready_for_s >= self._stable_s:
            self._next_s = self._first_s
        delay_s = self._next_s
        self._next_s = min(self._next_s * 2, self._max_s)
        return delay_s
