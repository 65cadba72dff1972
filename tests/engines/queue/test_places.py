import asyncio
import heapq
import random

import pytest

from engines.rooms import Room
from weft.engines.queue.places import OVERLOADED, RETRY_AFTER_S, EngineDown
from weft.kit.errors import Overloaded

PATIENCE_S = 30.0


def places(limit: int = 1, *, queue_limit: int = 10, queue_timeout_s: float = PATIENCE_S) -> Room:
    made = Room(limit, queue_limit=queue_limit, queue_timeout_s=queue_timeout_s)
    made.open()
    return made


async def line_up(room: Room, count: int) -> list[asyncio.Task[None]]:
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


async def test_take_when_a_project_floods_then_another_is_next() -> None:
    room = places(queue_limit=1000)
    await room.take("flood")
    crowd = [asyncio.create_task(room.take("flood")) for _ in range(500)]
    await turn()
    lone = asyncio.create_task(room.take("lone"))
    await turn()
    room.give_back()
    await turn()
    assert lone.done()
    assert sum(task.done() for task in crowd) == 0
    await send_away(room, crowd)


async def test_take_when_the_queue_is_full_of_another_project_then_its_newest_gives_way() -> None:
    room = places(queue_limit=3)
    await room.take("flood")
    first, second, third = [asyncio.create_task(room.take("flood")) for _ in range(3)]
    await turn()
    lone = asyncio.create_task(room.take("lone"))
    with pytest.raises(Overloaded, match=OVERLOADED) as caught:
        await third
    assert "fewer requests" in str(caught.value.metadata["reason"])
    with pytest.raises(Overloaded) as refused:
        await room.take("flood")
    assert refused.value.metadata["reason"] == "the queue is full"
    assert room.waiting == 3
    await send_away(room, [first, second, lone])


async def test_take_when_nothing_was_measured_then_retry_after_is_the_usual() -> None:
    room = places(queue_limit=0)
    await room.take()
    with pytest.raises(Overloaded) as caught:
        await room.take()
    assert caught.value.retry_after_s == RETRY_AFTER_S


async def test_take_when_refused_then_retry_after_tells_when_its_turn_would_have_come() -> None:
    now_s = 100.0
    room = Room(1, queue_limit=40, queue_timeout_s=PATIENCE_S, now_s=lambda: now_s)
    room.open()
    await room.take("flood")
    crowd = [asyncio.create_task(room.take("flood")) for _ in range(40)]
    await turn()
    for _ in range(6):
        now_s += 2.5
        room.give_back()
    crowd += [asyncio.create_task(room.take("flood")) for _ in range(6)]
    await turn()
    with pytest.raises(Overloaded) as flooding:
        await room.take("flood")
    assert flooding.value.retry_after_s == 41 * 2.5 + 0.5  # 102.5, rounded up
    lone = [asyncio.create_task(room.take("lone")) for _ in range(20)]
    await turn()
    with pytest.raises(Overloaded) as alone:
        await room.take("lone")
    assert alone.value.retry_after_s == 103
    await send_away(room, [*crowd, *lone])


async def test_take_when_the_engine_is_quick_then_retry_after_is_a_second() -> None:
    now_s = 0.0
    room = Room(1, queue_limit=3, queue_timeout_s=PATIENCE_S, now_s=lambda: now_s)
    room.open()
    await room.take()
    waiters = await line_up(room, 3)
    for _ in range(2):
        now_s += 0.01
        room.give_back()
    waiters += await line_up(room, 2)
    with pytest.raises(Overloaded) as caught:
        await room.take()
    assert caught.value.retry_after_s == 1
    await send_away(room, waiters)


async def send_away(room: Room, tasks: list[asyncio.Task[None]]) -> None:
    """End what waits."""
    room.shut(lambda: EngineDown("gone", retry_after_s=1))
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("limit", [1, 4])
async def test_places_when_500_of_a_project_wait_then_another_waits_for_one_service(
    seed: int, limit: int
) -> None:
    """A simulation with a clock of its own; a request's first token is there at the end of its service."""
    chance = random.Random(seed)
    room = places(limit, queue_limit=1000)
    now_s = 0.0
    ends: list[tuple[float, int]] = []
    service_s: dict[int, float] = {}
    started_s: dict[int, float] = {}

    async def visit(number: int, project: str) -> None:
        await room.take(project)
        started_s[number] = now_s
        heapq.heappush(ends, (now_s + service_s[number], number))

    def arrive(number: int, project: str) -> asyncio.Task[None]:
        service_s[number] = chance.uniform(0.5, 1.0)
        return asyncio.create_task(visit(number, project))

    async def serve_until(moment_s: float) -> None:
        nonlocal now_s
        while ends and ends[0][0] <= moment_s:
            now_s, _ = heapq.heappop(ends)
            room.give_back()
            await turn()
        now_s = moment_s

    tasks = [arrive(number, "flood") for number in range(500)]
    await turn()
    lone = range(500, 520)
    for number in lone:  # each after the answer to the one before, as a person asks
        ready_s = now_s + service_s.get(number - 1, 0.0)
        await serve_until(ready_s + chance.uniform(0.0, 2.0))
        came_s = now_s
        tasks.append(arrive(number, "lone"))
        await turn()
        while number not in started_s:
            await serve_until(ends[0][0])
        waited_s, alone_s = started_s[number] - came_s, service_s[number]
        assert waited_s <= 1.0, f"seed {seed}: longer than the longest service"
        assert waited_s + alone_s <= 2 * max(alone_s, 1.0), f"seed {seed}"
    await serve_until(1e9)
    assert len(started_s) == 520
    await asyncio.gather(*tasks)
    assert (room.in_flight, room.waiting) == (0, 0)


@pytest.mark.parametrize("seed", range(20))
async def test_places_when_all_happens_in_any_order_then_the_count_is_right(seed: int) -> None:
    chance = random.Random(seed)
    room = places(3, queue_limit=5)
    inside = 0
    most = 0

    async def visit() -> None:
        nonlocal inside, most
        await room.take(chance.choice("abc"), weight=chance.choice([1.0, 2.0]))
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
