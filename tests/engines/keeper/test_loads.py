import random

import pytest

from weft.engines.keeper.loads import FIRST_S, SAMPLES, LoadTime, LoadTimes


def measured(*seconds: float) -> LoadTimes:
    return LoadTimes(LoadTime("m", "fake", round(s * 1000), at) for at, s in enumerate(seconds))


def promise(loads: LoadTimes, memory_mib: int = 0) -> float:
    return loads.promise_s("m", "fake", memory_mib=memory_mib)


def test_promise_when_nothing_was_measured_then_it_goes_by_the_size() -> None:
    assert promise(LoadTimes()) == FIRST_S
    assert promise(LoadTimes(), memory_mib=10_000) > 60


def test_promise_when_few_were_measured_then_it_is_longer_than_the_longest() -> None:
    assert promise(measured(1.0, 2.0)) > 2.9


def test_promise_when_many_were_measured_then_it_is_the_ninth_of_ten() -> None:
    assert promise(measured(*range(1, 20))) == pytest.approx(18.25)


def test_promise_when_another_kind_was_measured_then_it_says_nothing_of_this() -> None:
    loads = measured(100.0)
    assert loads.promise_s("m", "vllm", memory_mib=0) == FIRST_S


def test_promise_when_more_than_count_were_measured_then_the_oldest_are_forgotten() -> None:
    loads = measured(*([100.0] * 5), *([1.0] * SAMPLES))
    assert promise(loads) < 2


@pytest.mark.parametrize("seed", range(5))
def test_promise_when_load_times_vary_then_nine_of_ten_keep_to_it(seed: int) -> None:
    chance = random.Random(seed)
    loads, kept = LoadTimes(), 0
    for at in range(500):
        seconds = chance.lognormvariate(1.0, 0.5)
        kept += seconds <= promise(loads)
        loads.add(LoadTime("m", "fake", round(seconds * 1000), at))
    assert kept >= 0.87 * 500
