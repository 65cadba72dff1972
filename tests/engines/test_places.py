import asyncio
import random

import pytest

from weft.engines.places import OVERLOADED, EngineDown, Places
from weft.kit.errors import Overloaded

PATIENCE_S = 30.0


def places(limit: int = 1, *, queue_limit: int = 10, queue_timeout_s: float = PATIENCE_S) -> Places:
    made = Places(limit, queue_limit=queue_limit, queue_timeout_s=queue_timeout_s)
    made.open()
    return made


async def line_up(room: Places, count: int) -> list[asyncio.Task[None]]:
    """Tasks that wait for a place, in this order."""
    tasks = [asyncio.create_task(room.take()) for _ in range(count)]
    await turn()
    return tasks


async def turn() -> None:
    """Let every task that can run do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_take_when_a_place_is_free_then_it_is_taken_without_waiting() -> None:
    room = places(2)
    assert room.try_take()
    assert room.try_take()
    assert not room.try_take()
    assert room.in_flight == 2


async def test_take_when_full_then_the_first_who_came_gets_the_next_place() -> None:
    room = places()
    await room.take()
    first, second = await line_up(room, 2)
    assert room.waiting == 2
    room.give_back()
    await turn()
    assert first.done()
    assert not second.done()
    assert (room.in_flight, room.waiting) == (1, 1)
    room.give_back()
    await second


async def test_take_when_somebody_waits_then_nobody_overtakes() -> None:
    room = places(1)
    await room.take()
    (waiter,) = await line_up(room, 1)
    room.give_back()  # granted, and the waiter has not run yet
    assert not room.try_take()
    await waiter


async def test_take_when_the_queue_is_full_then_it_is_refused_at_once() -> None:
    room = places(1, queue_limit=1)
    await room.take()
    (waiter,) = await line_up(room, 1)
    with pytest.raises(Overloaded, match=OVERLOADED) as caught:
        await room.take()
    assert caught.value.status == 503
    assert caught.value.retry_after_s
    room.give_back()
    await waiter


async def test_take_when_there_is_no_queue_then_a_full_engine_refuses() -> None:
    room = places(1, queue_limit=0)
    await room.take()
    with pytest.raises(Overloaded):
        await room.take()


async def test_take_when_the_wait_is_too_long_then_it_is_refused_and_leaves_the_queue() -> None:
    room = places(1, queue_timeout_s=0.01)
    await room.take()
    with pytest.raises(Overloaded, match=OVERLOADED):
        await room.take()
    assert (room.in_flight, room.waiting) == (1, 0)
    room.give_back()
    assert room.try_take()


async def test_take_when_the_waiter_is_cancelled_then_no_place_is_lost() -> None:
    room = places()
    await room.take()
    first, second = await line_up(room, 2)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    room.give_back()
    await second
    assert (room.in_flight, room.waiting) == (1, 0)


async def test_take_when_cancelled_in_the_moment_of_the_grant_then_the_next_one_gets_the_place() -> (
    None
):
    room = places()
    await room.take()
    first, second = await line_up(room, 2)
    room.give_back()
    first.cancel()  # its place is granted, but it has not run since
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    assert (room.in_flight, room.waiting) == (1, 0)


async def test_take_when_cancelled_before_the_grant_then_the_grant_skips_it() -> None:
    room = places()
    await room.take()
    first, second = await line_up(room, 2)
    first.cancel()  # it has not run since, so it still stands in the queue
    room.give_back()
    await second
    assert first.cancelled()
    assert (room.in_flight, room.waiting) == (1, 0)


async def test_shut_when_without_a_refusal_then_requests_wait_for_the_opening() -> None:
    room = places(2)
    room.shut()
    waiters = await line_up(room, 3)
    assert room.waiting == 3
    room.open()
    await turn()
    assert [waiter.done() for waiter in waiters] == [True, True, False]
    room.give_back()
    await waiters[2]


async def test_shut_when_with_a_refusal_then_everybody_is_sent_away() -> None:
    room = places()
    await room.take()
    (waiter,) = await line_up(room, 1)
    room.shut(lambda: EngineDown("gone", retry_after_s=3))
    with pytest.raises(EngineDown):
        await waiter
    with pytest.raises(EngineDown) as caught:
        await room.take()
    assert caught.value.headers() == [(b"retry-after", b"3")]
    room.give_back()  # the request that was in flight ends later
    assert (room.in_flight, room.waiting) == (0, 0)
    room.open()
    assert room.try_take()


async def test_give_back_when_nothing_is_taken_then_it_is_a_programming_error() -> None:
    with pytest.raises(AssertionError):
        places().give_back()


@pytest.mark.parametrize("seed", range(20))
async def test_places_when_all_happens_in_any_order_then_the_count_is_right(seed: int) -> None:
    chance = random.Random(seed)
    room = places(3, queue_limit=5)
    inside = 0
    most = 0

    async def visit() -> None:
        nonlocal inside, most
        await room.take()
        try:
            inside += 1
            most = max(most, inside)
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
        finally:
            inside -= 1
            room.give_back()

    tasks: list[asyncio.Task[None]] = []
    for _ in range(200):
        match chance.randrange(8):
            case 0 if tasks:
                chance.choice(tasks).cancel()
            case 1:
                room.shut(chance.choice([None, lambda: EngineDown("gone", retry_after_s=1)]))
            case 2 | 3:
                room.open()
            case _:
                tasks.append(asyncio.create_task(visit()))
        if chance.random() < 0.5:
            await asyncio.sleep(0)
        assert room.in_flight <= room.limit
        assert room.waiting <= 5
    room.open()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(
        outcome is None or isinstance(outcome, Overloaded | asyncio.CancelledError)
        for outcome in outcomes
    )
    assert most == 3
    assert (room.in_flight, room.waiting, inside) == (0, 0, 0)
