import math

from hypothesis import given
from hypothesis import strategies as st

from weft.engines.keeper.scale import Policy, Scaler


class Model:
    """A scaler and a clock, and as many replicas as it wanted last."""

    def __init__(self, **policy: float) -> None:
        self.policy = Policy(**policy)  # pyright: ignore[reportArgumentType] - whole where it must be
        self.scaler = Scaler(self.policy, now_s=0.0)
        self.now_s = 0.0
        self.running = 0

    def after(self, seconds: float, work: int = 0, *, asides: int = 0, held: bool = False) -> int:
        self.now_s += seconds
        self.running = self.scaler.desired(
            work=work, asides=asides, running=self.running, is_held=held, now_s=self.now_s
        )
        return self.running


def test_desired_when_a_request_comes_then_one_starts_at_once() -> None:
    model = Model(most=4, target=2)
    assert model.after(0) == 0
    assert model.after(1, work=9) == 1


def test_desired_when_the_need_lasts_then_more_start_up_to_the_most() -> None:
    model = Model(most=4, target=2, up_after_s=1)
    model.after(0, work=9)
    assert model.after(0.5, work=9) == 1
    assert model.after(0.6, work=9) == 4


def test_desired_when_the_need_is_short_then_no_more_start() -> None:
    model = Model(most=4, target=2, up_after_s=1)
    model.after(0, work=9)
    for _ in range(10):
        assert model.after(0.6, work=9) == 1
        assert model.after(0.1, work=1) == 1


def test_desired_when_there_is_less_to_do_then_they_go_one_at_a_time() -> None:
    model = Model(most=4, target=1, up_after_s=0, down_after_s=60)
    model.after(0, work=4)
    assert model.after(0, work=4) == 4
    assert model.after(1, work=1) == 4
    assert model.after(59, work=1) == 4
    assert model.after(1, work=1) == 3
    assert model.after(1, work=1) == 3
    assert model.after(60, work=1) == 2


def test_desired_when_idle_then_it_sleeps_after_its_time_and_not_before() -> None:
    model = Model(idle_s=10)
    model.after(0, work=1)
    assert model.after(9.9) == 1
    assert model.after(0.2) == 0


def test_desired_when_work_comes_in_between_then_the_idle_time_begins_anew() -> None:
    model = Model(idle_s=10)
    model.after(0, work=1)
    model.after(9)
    model.after(0, work=1)
    assert model.after(9) == 1
    assert model.scaler.idle_left_s(model.now_s) == 1


def test_desired_when_it_must_not_sleep_then_one_stays() -> None:
    model = Model(idle_s=1)
    assert model.after(0, held=True) == 1
    assert model.after(1000, held=True) == 1
    assert model.after(1) == 0


def test_desired_when_it_has_a_least_then_so_many_run_always() -> None:
    model = Model(least=2, most=3, idle_s=1)
    assert model.after(0) == 2
    assert model.after(1000) == 2


def test_desired_when_there_are_only_asides_then_it_sleeps_as_soon_as_they_are_done() -> None:
    model = Model(idle_s=10, most=4)
    model.after(0, work=1)
    assert model.after(9, work=3, asides=3) == 1
    assert model.after(9, work=3, asides=3) == 1, "what is in flight is not cut off"
    assert model.after(0.1) == 0


def test_desired_when_there_are_asides_besides_then_the_others_count() -> None:
    model = Model(idle_s=10, most=4, up_after_s=0)
    model.after(0, work=1)
    assert model.after(20, work=2, asides=1) == 1
    assert model.after(9) == 1
    assert model.after(2) == 0


def test_desired_when_the_idle_time_is_endless_then_it_never_sleeps() -> None:
    model = Model(idle_s=math.inf)
    model.after(0, work=1)
    assert model.after(1e9) == 1


@given(
    st.integers(0, 3),
    st.integers(1, 5),
    st.lists(st.tuples(st.floats(0, 100), st.integers(0, 40)), max_size=40),
)
def test_desired_when_anything_happens_then_it_stays_within_its_bounds(
    least: int, more: int, steps: list[tuple[float, int]]
) -> None:
    model = Model(least=least, most=least + more, target=3, idle_s=20, down_after_s=10)
    for seconds, work in steps:
        before = model.running
        now = model.after(seconds, work=work)
        assert least <= now <= least + more
        assert now >= (1 if work else 0)
        assert now >= before - 1 or now == least
