from itertools import pairwise

import pytest

from weft.engines.process.life import HISTORY, LEGAL, Backoff, Life
from weft.engines.types import Change, EngineState
from weft.kit.clock import SystemClock

STOPPED, STARTING, READY, STOPPING, FAILED = EngineState


@pytest.fixture
def heard() -> list[Change]:
    return []


@pytest.fixture
def life(heard: list[Change]) -> Life:
    return Life(SystemClock(), heard.append)


def test_life_when_it_begins_then_it_is_stopped(life: Life) -> None:
    assert life.state is STOPPED


def test_change_when_legal_then_it_is_told_and_remembered(life: Life, heard: list[Change]) -> None:
    life.to(STARTING)
    life.to(FAILED, "it died")
    assert life.state is FAILED
    assert [change.state for change in heard] == [STARTING, FAILED]
    assert life.last.reason == "it died"
    assert [change.state for change in life.history] == [STOPPED, STARTING, FAILED]


@pytest.mark.parametrize("state", set(EngineState) - LEGAL[STOPPED])
def test_change_when_illegal_then_it_is_refused_and_nothing_changes(
    life: Life, heard: list[Change], state: EngineState
) -> None:
    with pytest.raises(AssertionError):
        life.to(state)
    assert life.state is STOPPED
    assert not heard


def test_legal_when_read_then_no_state_is_a_dead_end_and_ready_follows_only_a_start() -> None:
    assert set(LEGAL) == set(EngineState)
    assert all(LEGAL.values())
    assert [state for state, next_ones in LEGAL.items() if READY in next_ones] == [STARTING]


def test_history_when_the_engine_keeps_failing_then_it_is_bounded(life: Life) -> None:
    for _ in range(HISTORY):
        life.to(STARTING)
        life.to(FAILED)
    assert len(life.history) == HISTORY
    assert all(later.at >= earlier.at for earlier, later in pairwise(life.history))


def test_backoff_when_failures_follow_then_it_doubles_up_to_the_most() -> None:
    backoff = Backoff(0.5, 30, stable_s=60)
    waits = [backoff.after_failure(0) for _ in range(9)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_backoff_when_the_engine_was_stable_then_it_starts_over() -> None:
    backoff = Backoff(0.5, 30, stable_s=60)
    for _ in range(5):
        backoff.after_failure(59)
    assert backoff.after_failure(60) == 0.5
    assert backoff.after_failure(1) == 1
