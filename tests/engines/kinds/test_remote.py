import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path

import pytest

from weft.catalog.types import ModelCard, ModelState, RemoteSpec
from weft.engines.options import EngineSettings
from weft.engines.pool import Engines
from weft.engines.process.spawn import Child
from weft.engines.types import EngineState
from weft.kit.errors import CannotStart
from weft.upstream import ConnectFailed

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Post = Callable[..., Coroutine[None, None, tuple[int, bytes]]]
Start = Callable[..., Awaitable[tuple[Child, int]]]
Make = Callable[..., Awaitable[tuple[Engines, ModelCard]]]
AUTHORITY = str(Path(__file__).parents[2] / "upstream" / "certs" / "authority.pem")


@pytest.fixture
def make(
    make_card: Callable[..., ModelCard], make_engines: Callable[..., Awaitable[Engines]]
) -> Make:
    async def build(url: str, **fields: str | int | dict[str, str]) -> tuple[Engines, ModelCard]:
        spec = replace(RemoteSpec(url), **fields)
        card = make_card("their/model", spec)
        return await make_engines(card), card

    return build


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A server that takes connections and never says a word."""
    done = asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    done.set()
    server.close()
    await server.wait_closed()


async def test_remote_when_it_answers_then_it_is_ready_and_serves(
    make: Make, fake_server: Start, until: Until, post: Post
) -> None:
    _, port = await fake_server()
    engines, card = await make(f"http://127.0.0.1:{port}/v1", served_model="their-name")
    route = engines.find_route(card)
    assert route.served_model == "their-name"
    assert route.quirks.parameters is None
    await until(lambda: engines.state_of(card) is ModelState.READY)
    lease = await engines.lease(route)
    assert (await post(lease, "Hello"))[0] == 200
    lease.release()


async def test_remote_when_no_name_is_given_then_the_card_s_id_is_asked_for(make: Make) -> None:
    engines, card = await make("http://127.0.0.1:9/v1")
    assert engines.find_route(card).served_model == "their/model"


async def test_remote_when_down_then_it_is_shown_and_requests_are_tried_all_the_same(
    make: Make, fake_server: Start, until: Until, post: Post
) -> None:
    child, port = await fake_server()
    engines, card = await make(f"http://127.0.0.1:{port}/v1")
    await until(lambda: engines.state_of(card) is ModelState.READY)
    await child.end(0)
    await until(lambda: engines.state_of(card) is ModelState.NOT_RUNNABLE)
    assert "could not connect" in engines.snapshot()[0].reason
    lease = await engines.lease(engines.find_route(card))
    with pytest.raises(ConnectFailed):
        await post(lease, "Hello")
    lease.release()
    await fake_server(port=port)
    await until(lambda: engines.state_of(card) is ModelState.READY)


async def test_remote_when_one_probe_is_lost_then_it_is_no_less_ready(
    make_card: Callable[..., ModelCard],
    make_engines: Callable[..., Awaitable[Engines]],
    quick: EngineSettings,
    until: Until,
) -> None:
    met: list[asyncio.StreamWriter] = []

    async def answer_the_second(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(writer)
        if len(met) > 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with await asyncio.start_server(answer_the_second, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = replace(quick, timings=replace(quick.timings, probe_timeout_s=0.3))
        card = make_card("their/model", RemoteSpec(f"http://127.0.0.1:{port}/v1"))
        engines = await make_engines(card, settings=settings)
        await until(lambda: engines.state_of(card) is ModelState.READY)
        assert EngineState.FAILED not in engines.snapshot()[0].history
        for writer in met:
            writer.close()


async def test_remote_when_it_is_silent_then_the_probe_gives_up(
    make_card: Callable[..., ModelCard],
    make_engines: Callable[..., Awaitable[Engines]],
    quick: EngineSettings,
    silent_port: int,
    until: Until,
) -> None:
    settings = replace(quick, timings=replace(quick.timings, probe_timeout_s=0.05))
    card = make_card("their/model", RemoteSpec(f"http://127.0.0.1:{silent_port}/v1"))
    engines = await make_engines(card, settings=settings)
    await until(lambda: engines.snapshot()[0].state is EngineState.FAILED)
    assert engines.snapshot()[0].reason == "no answer within 0.05 s"


@pytest.mark.parametrize("in_file", [True, False])
async def test_key_when_given_then_it_is_sent(
    make: Make, fake_server: Start, until: Until, post: Post, tmp_path: Path, in_file: bool
) -> None:
    _, port = await fake_server(secret="s3cret")
    file = tmp_path / "key"
    file.write_text("s3cret\n")
    key = {"api_key_file": str(file)} if in_file else {"api_key": "s3cret"}
    engines, card = await make(f"http://127.0.0.1:{port}/v1", **key)
    await until(lambda: engines.state_of(card) is ModelState.READY)
    lease = await engines.lease(engines.find_route(card))
    assert (await post(lease, "Hello"))[0] == 200
    lease.release()


async def test_key_when_wrong_then_the_state_says_so(
    make: Make, fake_server: Start, until: Until
) -> None:
    _, port = await fake_server(secret="s3cret")
    engines, _ = await make(f"http://127.0.0.1:{port}/v1", api_key="guess")
    await until(lambda: engines.snapshot()[0].state is EngineState.FAILED)
    assert engines.snapshot()[0].reason == "it refused this server's key (401)"


async def test_headers_when_given_then_they_are_sent_and_stand_for_the_key(
    make: Make, fake_server: Start, until: Until
) -> None:
    _, port = await fake_server(secret="s3cret")
    engines, card = await make(
        f"http://127.0.0.1:{port}/v1",
        api_key="not this one",
        headers={"authorization": "Bearer s3cret", "X-Tenant": "weft"},
    )
    await until(lambda: engines.state_of(card) is ModelState.READY)


async def test_tls_when_the_authority_is_known_then_it_is_ready(
    make: Make, fake_server: Start, until: Until, post: Post
) -> None:
    _, port = await fake_server(tls=True)
    engines, card = await make(f"https://localhost:{port}/v1", ca_file=AUTHORITY)
    await until(lambda: engines.state_of(card) is ModelState.READY)
    lease = await engines.lease(engines.find_route(card))
    assert (await post(lease, "Hello"))[0] == 200
    lease.release()


async def test_tls_when_the_authority_is_unknown_then_it_fails(
    make: Make, fake_server: Start, until: Until
) -> None:
    _, port = await fake_server(tls=True)
    engines, _ = await make(f"https://localhost:{port}/v1")
    await until(lambda: engines.snapshot()[0].state is EngineState.FAILED)
    assert "certificate" in engines.snapshot()[0].reason.lower()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"api_key_file": "/nowhere/key"}, "/nowhere/key"),
        ({"api_key": "two\r\nlines: x"}, "header"),
        ({"headers": {"Content-Length": "5"}}, "header"),
        ({"headers": {"X Y": "5"}}, "header"),
        ({"ca_file": "/nowhere/ca.pem", "url": "https://localhost/v1"}, "ca.pem|No such file"),
        ({"url": "http://user:word@localhost/v1"}, "credentials"),
        ({"url": "ftp://localhost/v1"}, "http"),
    ],
)
async def test_spec_when_it_cannot_be_used_then_the_start_ends_with_one_line(
    make: Make, fields: dict[str, str], message: str
) -> None:
    with pytest.raises(CannotStart, match=message) as caught:
        await make(**{"url": "http://127.0.0.1:9/v1", **fields})
    assert "\n" not in caught.value.message


async def test_key_file_when_empty_then_the_start_ends_with_one_line(
    make: Make, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    file.touch()
    with pytest.raises(CannotStart, match="is empty"):
        await make("http://127.0.0.1:9/v1", api_key_file=str(file))


async def test_stop_when_it_never_answered_then_it_ends_as_stopped(
    make: Make, until: Until
) -> None:
    engines, _ = await make("http://127.0.0.1:9/v1")
    await until(lambda: engines.snapshot()[0].state is EngineState.FAILED)
    await engines.close()
    assert engines.snapshot()[0].state is EngineState.STOPPED
