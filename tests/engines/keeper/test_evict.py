from hypothesis import given
from hypothesis import strategies as st

from weft.engines.keeper.budget import Capacity, Held, place
from weft.engines.keeper.evict import Resident, drain, evict
from weft.engines.types import Demand, Gpu

GPUS = tuple(Gpu(index, "card", 80_000) for index in range(4))


def resident(
    name: str,
    mib: int = 100,
    *,
    in_flight: int = 0,
    kept: bool = False,
    used_at_s: float = 0.0,
    resident_s: float = 0.0,
    gpus: tuple[int, ...] = (),
    gpu_mib: int = 0,
) -> Resident:
    held = Held(Demand(mib, len(gpus), gpu_mib), gpus)
    return Resident(name, held, in_flight, kept, used_at_s, resident_s)


# Places.


def test_place_when_memory_is_free_then_there_is_room_without_gpus() -> None:
    assert place(Demand(100), [Held(Demand(200))], Capacity(300)) == ()
    assert place(Demand(101), [Held(Demand(200))], Capacity(300)) is None


def test_place_when_memory_is_not_limited_then_there_is_always_room() -> None:
    assert place(Demand(10**6), [Held(Demand(10**6))], Capacity()) == ()


def test_place_when_gpus_are_asked_for_then_the_emptiest_are_taken() -> None:
    held = [Held(Demand(0, 1, 50_000), (0,)), Held(Demand(0, 1, 10_000), (1,))]
    assert place(Demand(0, 2, 60_000), held, Capacity(gpus=GPUS)) == (2, 3)
    assert place(Demand(0, 3, 60_000), held, Capacity(gpus=GPUS)) == (1, 2, 3)
    assert place(Demand(0, 4, 60_000), held, Capacity(gpus=GPUS)) is None


def test_place_when_there_are_no_gpus_then_what_needs_one_has_no_room() -> None:
    assert place(Demand(0, 1, 1), [], Capacity(10**6)) is None


# Who goes.


def test_evict_when_there_is_room_then_nobody_goes() -> None:
    assert evict([resident("a")], Demand(100), Capacity(200)) == ()


def test_evict_when_full_then_the_least_recently_used_goes() -> None:
    residents = [resident("a", used_at_s=3), resident("b", used_at_s=1), resident("c", used_at_s=2)]
    assert evict(residents, Demand(100), Capacity(300)) == ("b",)


def test_evict_when_a_large_one_suffices_then_no_small_one_goes_with_it() -> None:
    residents = [resident("small", 50, used_at_s=1), resident("large", 250, used_at_s=2)]
    assert evict(residents, Demand(200), Capacity(300)) == ("large",)


def test_evict_when_all_are_at_work_or_kept_then_nobody_can_go() -> None:
    residents = [resident("busy", in_flight=1), resident("pinned", kept=True)]
    assert evict(residents, Demand(100), Capacity(200)) is None


def test_evict_when_a_gpu_is_needed_then_whoever_holds_only_memory_stays() -> None:
    residents = [
        resident("cpu", 10, used_at_s=1),
        resident("gpu", 10, used_at_s=2, gpus=(0,), gpu_mib=70_000),
    ]
    assert evict(residents, Demand(0, 1, 20_000), Capacity(100, GPUS[:1])) == ("gpu",)


def test_drain_when_all_are_at_work_then_the_longest_resident_goes() -> None:
    residents = [
        resident("old", in_flight=3, resident_s=100),
        resident("older", in_flight=9, resident_s=200),
        resident("young", in_flight=1, resident_s=5),
    ]
    able = drain(residents, Demand(100), Capacity(300), least_resident_s=10)
    assert able == ("older",)


def test_drain_when_all_are_young_then_nobody_goes() -> None:
    residents = [resident("young", in_flight=1, resident_s=5)]
    assert drain(residents, Demand(100), Capacity(100), least_resident_s=10) is None


SIZES = st.integers(1, 50)
RESIDENTS = st.lists(
    st.tuples(SIZES, st.integers(0, 2), st.booleans(), st.floats(0, 100), st.floats(0, 100)),
    max_size=8,
)


@given(RESIDENTS, SIZES, st.integers(1, 200), st.booleans())
def test_picked_when_anything_holds_memory_then_the_promises_hold(
    rows: list[tuple[int, int, bool, float, float]], wanted: int, capacity: int, hurry: bool
) -> None:
    residents = [
        resident(f"r{at}", mib, in_flight=busy, kept=kept, used_at_s=used, resident_s=age)
        for at, (mib, busy, kept, used, age) in enumerate(rows)
    ]
    limit = Capacity(capacity)
    picked = (
        drain(residents, Demand(wanted), limit, least_resident_s=10)
        if hurry
        else evict(residents, Demand(wanted), limit)
    )

    def fits_without(names: set[str]) -> bool:
        held = [one.held for one in residents if one.name not in names]
        return place(Demand(wanted), held, limit) is not None

    able = {
        one.name
        for one in residents
        if not one.is_kept and (not one.in_flight or (hurry and one.resident_s >= 10))
    }
    if picked is None:
        assert not fits_without(able)
        return
    assert set(picked) <= able
    assert fits_without(set(picked))
    assert all(not fits_without(set(picked) - {name}) for name in picked)
