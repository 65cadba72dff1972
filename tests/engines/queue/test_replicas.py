"""The queue before several replicas: which of them a request goes to."""

import asyncio

import pytest

from weft.engines.queue.places import EngineDown, Places
from weft.engines.queue.slots import Slots

LONG, OTHER = tuple(range(20)), tuple(range(100, 120))


def a_queue(*limits: int) -> tuple[Places, list[Slots]]:
    places = Places(queue_limit=10, queue_timeout_s=30)
    replicas = [Slots(f"r{at}", limit) for at, limit in enumerate(limits)]
    for replica in replicas:
        places.add(replica)
        replica.open()
    return places, replicas


def gone() -> EngineDown:
    return EngineDown("gone", retry_after_s=1)


async def test_take_when_several_are_open_then_the_idlest_is_taken() -> None:
    places, (first, second) = a_queue(4, 4)
    assert {places.try_take(), places.try_take()} == {first, second}


async def test_take_when_one_holds_the_beginning_then_it_is_taken_though_it_has_more_to_do() -> (
    None
):
    places, _ = a_queue(8, 8)
    holder = places.try_take(LONG)
    assert holder is not None
    assert [places.try_take(LONG) for _ in range(2)] == [holder, holder]
    assert places.try_take(OTHER) is not holder


async def test_take_when_the_holder_is_overloaded_then_another_is_taken() -> None:
    places, _ = a_queue(8, 8)
    holder = places.try_take(LONG)
    taken = [places.try_take(LONG) for _ in range(4)]
    assert any(slots is not holder for slots in taken)


async def test_take_when_the_holder_is_full_then_nobody_waits_for_it() -> None:
    places, _ = a_queue(1, 1)
    holder = places.try_take(LONG)
    assert places.try_take(LONG) not in (None, holder)
    assert places.try_take(LONG) is None


async def test_give_back_when_somebody_waits_then_they_get_the_place_of_whichever_is_free() -> None:
    places, replicas = a_queue(1, 1)
    held = [places.try_take(), places.try_take()]
    waiter = asyncio.create_task(places.take(prefix=LONG))
    await asyncio.sleep(0)
    assert places.waiting == 1
    assert held[1] is not None
    places.give_back(held[1])
    assert await waiter is held[1]
    assert places.in_flight == 2
    assert sum(slots.in_flight for slots in replicas) == 2


async def test_refuse_when_only_one_of_two_fails_then_requests_wait_for_the_other() -> None:
    places, (first, second) = a_queue(1, 1)
    first.coming()
    second.refuse(gone)
    waiter = asyncio.create_task(places.take())
    await asyncio.sleep(0)
    assert not waiter.done()
    first.open()
    assert await waiter is first


async def test_refuse_when_the_other_is_away_then_requests_are_sent_away() -> None:
    places, (first, second) = a_queue(1, 1)
    first.leave()
    second.coming()
    waiter = asyncio.create_task(places.take())
    await asyncio.sleep(0)
    second.refuse(gone)
    with pytest.raises(EngineDown):
        await waiter
    second.leave()  # all sleep: the next request may wake one
    waiter = asyncio.create_task(places.take())
    await asyncio.sleep(0)
    first.open()
    assert await waiter is first


async def test_close_when_replicas_change_later_then_it_stays_closed() -> None:
    places, (first,) = a_queue(1)
    places.close(gone)
    first.leave()
    with pytest.raises(EngineDown):
        await places.take()


async def test_slots_when_requests_end_then_they_tell_what_was_produced() -> None:
    slots = Slots("r", 1)
    slots.produced(100)
    slots.produced(0)
    assert slots.tokens == 100
    assert slots.tokens_per_s() == 10.0
