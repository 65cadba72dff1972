import asyncio

import pytest

from weft.gateway.idempotency import live
from weft.gateway.idempotency.live import READ_BYTES, WINDOW_BYTES, Held, LiveAnswer, Reader
from weft.gateway.idempotency.refusals import AnswerTooLarge, KeyReused
from weft.gateway.idempotency.types import BODY_LIMIT_BYTES

MIB = b"x" * (1024 * 1024)


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def answer(held: Held) -> LiveAnswer:
    return LiveAnswer("req_1", held)


async def read(reader: Reader) -> bytes:
    parts: list[bytes] = []
    async with asyncio.timeout(10):
        await reader.begun()
        while part := await reader.next():
            parts.append(part)
    return b"".join(parts)


async def test_reader_when_early_or_late_then_gets_the_same_bytes(answer: LiveAnswer) -> None:
    with answer.reader() as early:
        reading = asyncio.create_task(read(early))
        await asyncio.sleep(0)
        answer.begin(200, b"", is_stream=True)
        for number in range(1000):
            answer.add(b"%d," % number)
        with answer.reader() as late:
            answer.add(b"")
            answer.close()
            assert await read(late) == await reading == b"".join(b"%d," % n for n in range(1000))


async def test_reader_when_there_is_much_to_read_then_takes_a_little_at_a_time(
    answer: LiveAnswer,
) -> None:
    answer.begin(200, b"", is_stream=True)
    for _ in range(100):
        answer.add(b"x" * 10_000)
    with answer.reader() as reader:
        assert len(await reader.next()) < READ_BYTES + 10_000


async def test_reader_when_there_is_no_answer_then_is_refused(answer: LiveAnswer) -> None:
    with answer.reader() as reader:
        waiting = asyncio.create_task(reader.begun())
        await asyncio.sleep(0)
        answer.fail(KeyReused())
        with pytest.raises(KeyReused):
            await waiting


async def test_answer_when_over_and_read_then_holds_nothing(answer: LiveAnswer, held: Held) -> None:
    answer.begin(200, b"", is_stream=True)
    with answer.reader() as reader:
        answer.add(b"body")
        assert held.size_bytes == 4
        answer.close()
        assert held.size_bytes == 4
        await read(reader)
        assert held.size_bytes == 0


async def test_answer_when_nobody_reads_then_is_held_until_it_is_over(
    answer: LiveAnswer, held: Held
) -> None:
    answer.begin(200, b"", is_stream=True)
    answer.add(b"body")
    assert answer.body() == b"body"
    assert held.size_bytes == 4
    answer.close()
    assert held.size_bytes == 0


async def test_reader_when_it_hangs_up_then_what_only_it_needed_is_forgotten(
    answer: LiveAnswer, held: Held
) -> None:
    answer.begin(200, b"", is_stream=True)
    with answer.reader():
        answer.add(b"body")
        answer.close()
    assert held.size_bytes == 0


def fill(answer: LiveAnswer) -> None:
    answer.begin(200, b"", is_stream=True)
    while not answer.is_too_large:
        answer.add(MIB)


async def test_answer_when_too_large_then_nobody_can_join(answer: LiveAnswer) -> None:
    fill(answer)
    with pytest.raises(AnswerTooLarge) as refused, answer.reader():
        pass
    assert refused.value.metadata["request_id"] == "req_1"
    assert (b"x-should-retry", b"false") in refused.value.headers()


async def test_answer_when_too_large_then_memory_is_bounded_and_the_reader_gets_it_all(
    answer: LiveAnswer, held: Held
) -> None:
    with answer.reader() as reader:
        reading = asyncio.create_task(read(reader))
        answer.begin(200, b"", is_stream=True)
        highest = 0
        for _ in range(20):
            answer.add(MIB)
            highest = max(highest, held.size_bytes)
            if answer.is_congested:
                async with asyncio.timeout(10):
                    await answer.drained()
        answer.close()
        assert len(await reading) == 20 * len(MIB)
    assert highest <= BODY_LIMIT_BYTES + WINDOW_BYTES + len(MIB)
    assert held.size_bytes == 0


async def test_answer_when_its_slow_reader_leaves_then_the_work_goes_on(
    answer: LiveAnswer, held: Held
) -> None:
    with answer.reader():
        fill(answer)
        assert answer.is_congested
        waiting = asyncio.create_task(answer.drained())
        await asyncio.sleep(0)
        assert not waiting.done()
    async with asyncio.timeout(10):
        await waiting
    assert held.size_bytes == 0
    assert not answer.is_congested


def test_window_when_set_then_is_below_what_is_kept() -> None:
    assert live.WINDOW_BYTES < BODY_LIMIT_BYTES
