"""Two gateways on one database, each with keys and a door of its own; the test says when an engine goes on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from weft.gateway.exchange import Exchange
from weft.gateway.idempotency import flight as flights
from weft.gateway.idempotency.flight import Flight, Stopping
from weft.gateway.idempotency.keys import Keys
from weft.gateway.idempotency.live import Held, Reader
from weft.gateway.idempotency.refusals import AnswerTooLarge, InProgress, KeyReused
from weft.gateway.idempotency.schema import idempotency
from weft.gateway.idempotency.types import BODY_LIMIT_BYTES, STALE_US, Use
from weft.kit.batch import GroupCommit
from weft.kit.db import Database
from weft.kit.errors import InternalError, WeftError

USE = Use("prj_a", "key", "digest")
PATIENCE_S = 20.0


@dataclass
class Request:
    """What a flight needs of an exchange."""

    request_id: str
    headers: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    payload: bytes = b"{}"
    peer: str = "127.0.0.1"

    def start(self, status: int, head: bytes) -> None:
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        raise NotImplementedError

    congested = gone = started = False

    async def drained(self) -> None:
        raise NotImplementedError

    def end(self, data: bytes = b"") -> None:
        raise NotImplementedError

    def seal(self, status: int, head: bytes, last: bytes, *, is_stream: bool) -> None:
        raise NotImplementedError

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        raise NotImplementedError


@dataclass
class Engine:
    """Answers with a stream of two pieces, the second once it is let go; behaves as the chat door when cancelled."""

    calls: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    refuses: bool = False
    is_huge: bool = False

    async def __call__(self, exchange: Exchange) -> None:
        self.calls += 1
        if self.refuses:
            exchange.answer(429, b"retry-after: 1\r\n", b"later")
            return
        exchange.start(200, b"content-type: text/event-stream\r\n")
        exchange.write(b"data: 1\n\n" + (b"x" * BODY_LIMIT_BYTES if self.is_huge else b""))
        self.begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            exchange.end(b'data: {"error":{}}\n\n')
        else:
            exchange.end(b"data: [DONE]\n\n")


@dataclass
class Gateway:
    """One process, as far as keys go."""

    keys: Keys
    engine: Engine
    held: Held = field(default_factory=Held)
    number: int = 0

    def fly(self, use: Use = USE) -> Flight:
        self.number += 1
        request = Request(f"req_{id(self)}_{self.number}")
        flight = Flight(request, use, keys=self.keys, door=self.engine, held=self.held)
        flight.take_off(lambda: None)
        return flight


@asynccontextmanager
async def gateway(database: Database) -> AsyncGenerator[Gateway]:
    writer = GroupCommit(database)
    yield Gateway(Keys(database, writer), Engine())
    await writer.close()


@pytest.fixture
async def first(database: Database) -> AsyncIterator[Gateway]:
    async with gateway(database) as one:
        yield one


@pytest.fixture
async def second(database: Database) -> AsyncIterator[Gateway]:
    """Opens the database anew, as another process does."""
    other = Database(database.place)
    async with gateway(other) as one:
        yield one
    other.close()


async def outcome(flight: Flight) -> bytes | WeftError:
    """What every client of the flight gets."""
    with flight.answer.reader() as reader:
        return await _read(reader)


async def _read(reader: Reader) -> bytes | WeftError:
    body = b""
    async with asyncio.timeout(PATIENCE_S):
        try:
            await reader.begun()
        except WeftError as error:
            return error
        while data := await reader.next():
            body += data
    return body


WHOLE = b"data: 1\n\ndata: [DONE]\n\n"


async def age(database: Database, by_us: int) -> None:
    """Let the claim's last beat have been so long ago."""
    column = idempotency.c.beat_at_us
    await database.write_soon(
        lambda c: c.execute(update(idempotency).values(beat_at_us=column - by_us))
    )


async def test_other_process_when_the_first_works_then_waits_and_gets_the_same(
    first: Gateway, second: Gateway
) -> None:
    working = asyncio.create_task(outcome(first.fly()))
    await first.engine.begun.wait()
    waiting = asyncio.create_task(outcome(second.fly()))
    await asyncio.sleep(0.2)  # time to look a few times; nothing depends on how often
    assert not waiting.done()
    first.engine.go_on.set()
    assert await working == await waiting == WHOLE
    assert (first.engine.calls, second.engine.calls) == (1, 0)


async def test_both_when_they_begin_at_once_then_one_works(first: Gateway, second: Gateway) -> None:
    for number in range(20):
        use = Use("prj_a", f"key-{number}", "digest")
        for one in (first, second):
            one.engine.go_on.set()
        pair = [outcome(one.fly(use)) for one in (first, second)]
        assert await asyncio.gather(*pair) == [WHOLE, WHOLE]
        assert first.engine.calls + second.engine.calls == number + 1


async def test_replay_when_kept_by_another_process_then_names_the_original(
    first: Gateway, second: Gateway
) -> None:
    first.engine.go_on.set()
    original = first.fly()
    assert await outcome(original) == WHOLE
    replay = second.fly()
    assert await outcome(replay) == WHOLE
    assert replay.answer.request_id == original.answer.request_id
    assert original.first is not None
    assert replay.first is None
    assert replay.answer.head == b"content-type: text/event-stream\r\n"


async def test_other_process_when_the_parameters_differ_then_is_refused(
    first: Gateway, second: Gateway
) -> None:
    working = asyncio.create_task(outcome(first.fly()))
    await first.engine.begun.wait()
    assert isinstance(await outcome(second.fly(Use("prj_a", "key", "other"))), KeyReused)
    first.engine.go_on.set()
    await working


async def test_other_process_when_the_first_gives_the_key_back_then_works_itself(
    first: Gateway, second: Gateway
) -> None:
    flight = first.fly()
    working = asyncio.create_task(outcome(flight))
    await first.engine.begun.wait()
    second.engine.go_on.set()
    waiting = asyncio.create_task(outcome(second.fly()))
    flight.cut()
    assert await working == b'data: 1\n\ndata: {"error":{}}\n\n'
    assert await waiting == WHOLE
    assert second.engine.calls == 1


async def test_other_process_when_the_first_died_then_takes_over(
    first: Gateway, second: Gateway, database: Database
) -> None:
    working = asyncio.create_task(outcome(first.fly()))
    await first.engine.begun.wait()
    second.engine.go_on.set()
    waiting = asyncio.create_task(outcome(second.fly()))
    await age(database, STALE_US)
    assert await waiting == WHOLE
    assert second.engine.calls == 1
    first.engine.go_on.set()  # it was not dead after all: its own client is answered, others get the other's
    assert await working == WHOLE
    kept = await second.keys.find_kept(USE)
    assert kept is not None
    assert kept.request_id == f"req_{id(second)}_1"


async def test_claim_when_its_owner_beats_then_is_not_taken_over(
    first: Gateway, second: Gateway, database: Database
) -> None:
    working = asyncio.create_task(outcome(first.fly()))
    await first.engine.begun.wait()
    await age(database, STALE_US)
    await first.keys.beat()
    assert not await second.keys.is_claimable(USE)
    first.engine.go_on.set()
    await working
    assert first.keys.held == 0


async def test_other_process_when_the_wait_is_over_then_409_with_retry_after(
    first: Gateway, second: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flights, "WAIT_S", 0.2)
    working = asyncio.create_task(outcome(first.fly()))
    await first.engine.begun.wait()
    error = await outcome(second.fly())
    assert isinstance(error, InProgress)
    assert (error.status, error.retry_after_s) == (409, 1)
    first.engine.go_on.set()
    assert await working == WHOLE


async def test_refusal_when_not_kept_then_the_next_use_works_anew(first: Gateway) -> None:
    first.engine.refuses = True
    assert await outcome(first.fly()) == b"later"
    first.engine.refuses = False
    first.engine.go_on.set()
    assert await outcome(first.fly(Use("prj_a", "key", "other"))) == WHOLE


async def test_stream_when_too_large_then_the_retry_is_told_in_every_process(
    first: Gateway, second: Gateway
) -> None:
    first.engine.is_huge = True
    first.engine.go_on.set()
    flight = first.fly()
    body = await outcome(flight)
    assert isinstance(body, bytes)
    assert len(body) > BODY_LIMIT_BYTES
    for one in (first, second):
        error = await outcome(one.fly())
        assert isinstance(error, AnswerTooLarge)
        assert error.metadata["request_id"] == flight.answer.request_id


async def test_last_byte_when_it_leaves_then_the_answer_is_kept(first: Gateway) -> None:
    flight = first.fly()
    with flight.answer.reader() as reader:
        await first.engine.begun.wait()
        assert await reader.next() == b"data: 1\n\n"
        first.engine.go_on.set()
        assert await reader.next() == b"data: [DONE]\n\n"
        kept = await first.keys.find_kept(
            USE
        )  # asked in the turn in which the last byte could be read
        assert kept is not None
        assert kept.body == WHOLE


async def test_flight_when_cut_while_it_waits_for_another_then_says_so(
    first: Gateway, second: Gateway
) -> None:
    working = asyncio.create_task(outcome(first.fly()))
    await first.engine.begun.wait()
    flight = second.fly()
    waiting = asyncio.create_task(outcome(flight))
    await flight.opened.wait()
    flight.cut()
    flight.cut()
    assert isinstance(await waiting, Stopping)
    first.engine.go_on.set()
    assert await working == WHOLE  # another's claim is not given back


async def test_flight_when_the_database_fails_then_the_client_is_told_and_nothing_runs(
    first: Gateway, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await database.write_soon(lambda c: c.exec_driver_sql("ALTER TABLE idempotency RENAME TO away"))
    assert isinstance(await outcome(first.fly()), InternalError)
    assert first.engine.calls == 0
    assert "request_crashed" in caplog.text
    await database.write_soon(lambda c: c.exec_driver_sql("ALTER TABLE away RENAME TO idempotency"))


async def test_answer_when_it_cannot_be_kept_then_is_delivered_all_the_same(
    first: Gateway, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    working = asyncio.create_task(outcome(first.fly()))
    await first.engine.begun.wait()
    await database.write_soon(lambda c: c.exec_driver_sql("ALTER TABLE idempotency RENAME TO away"))
    first.engine.go_on.set()
    assert await working == WHOLE
    assert "idempotency_answer_not_kept" in caplog.text
    await database.write_soon(lambda c: c.exec_driver_sql("ALTER TABLE away RENAME TO idempotency"))


async def test_door_when_it_leaves_no_answer_then_500_and_the_key_is_free(
    first: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    async def silent(_exchange: Exchange) -> None:
        await asyncio.sleep(0)

    flight = Flight(Request("req_x"), USE, keys=first.keys, door=silent, held=first.held)
    flight.take_off(lambda: None)
    assert isinstance(await outcome(flight), InternalError)
    assert "request_crashed" in caplog.text
    assert await first.keys.is_claimable(USE)


async def test_upkeep_when_started_then_purges_and_ends(first: Gateway, database: Database) -> None:
    first.engine.go_on.set()
    await outcome(first.fly())
    await database.write_soon(lambda c: c.execute(update(idempotency).values(expires_at_us=1)))
    first.keys.start()
    count = select(idempotency.c.key)
    async with asyncio.timeout(PATIENCE_S):
        while await database.read_soon(lambda c: c.execute(count).first()) is not None:
            await asyncio.sleep(0.01)
    await first.keys.close()
    await first.keys.close()


async def test_upkeep_when_the_database_fails_then_says_so_and_goes_on(
    first: Gateway, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await database.write_soon(lambda c: c.exec_driver_sql("ALTER TABLE idempotency RENAME TO away"))
    with pytest.raises(SQLAlchemyError):
        await first.keys.purge()
    first.keys.start()
    async with asyncio.timeout(PATIENCE_S):
        while "idempotency_upkeep_failed" not in caplog.text:
            await asyncio.sleep(0.01)
    await first.keys.close()
    await database.write_soon(lambda c: c.exec_driver_sql("ALTER TABLE away RENAME TO idempotency"))
