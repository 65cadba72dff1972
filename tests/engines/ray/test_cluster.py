"""Engines on a real cluster of Ray's. One file, so that one worker has the cluster."""

import asyncio
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from conformance.server import running_weft
from engines.ray.cluster import HEAD, NARROW, WIDE, Cluster
from weft.catalog.types import (
    Accelerator,
    FakeSpec,
    GpuServerSpec,
    LlamaCppSpec,
    ModelCard,
    Serving,
)
from weft.cli.checks.finding import Verdict
from weft.cli.checks.ray import check_ray
from weft.engines.pool import Engines, EngineSettings
from weft.engines.queue.places import EngineDown
from weft.engines.ray.placement import RayOptions
from weft.engines.types import EngineSnapshot, EngineState
from weft.kit.settings import load_settings
from weft.upstream import UpstreamError

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1", HEAD, NARROW, WIDE])

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Post = Callable[..., Coroutine[None, None, tuple[int, bytes]]]
MakeCard = Callable[..., ModelCard]
Place = Callable[..., Awaitable[Engines]]
PATIENCE_S = 60.0
STAND_IN = Path(__file__).parents[1] / "kinds" / "servers" / "fake_vllm.py"
PLACED = "Ray placed it on node "
CARD = """
id = "test/far"
label = "Far"
provider = "Weft"
context_window_tokens = 2048

[[prices]]
effective_on = 2026-01-01
input_usd_per_mtok = "1"
output_usd_per_mtok = "1"
source = "made up for tests"

[engines.fake]
"""


@pytest.fixture
async def place(
    cluster: Cluster,
    quick: EngineSettings,
    make_engines: Callable[..., Awaitable[Engines]],
) -> AsyncIterator[Place]:
    """Engines on the cluster; once they are closed, nothing of them may be left there."""
    made: list[Engines] = []

    async def make(
        *cards: ModelCard, cpus: float = 1, address: str = "", eager: bool = True
    ) -> Engines:
        ray = RayOptions(address or cluster.address, cpus)
        engines = await make_engines(*cards, settings=replace(quick, ray=ray, eager=eager))
        made.append(engines)
        return engines

    yield make
    for engines in made:
        await engines.close()
        assert children() == []
    await gone(cluster)


async def gone(cluster: Cluster) -> None:
    """Wait until the cluster has no actor and no engine of ours."""
    async with asyncio.timeout(PATIENCE_S):
        while children() or await asyncio.to_thread(cluster.actors):
            await asyncio.sleep(0.05)


def children() -> list[int]:
    """The processes of engines on nodes of the cluster."""
    return [
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if {"--host"} < set(_words(process)) & {"--host", NARROW, WIDE}
    ]


def _words(process: Path) -> list[str]:
    try:
        return process.joinpath("cmdline").read_text().split("\0")
    except OSError:
        return []


def shot(engines: Engines, card: ModelCard) -> EngineSnapshot:
    (found,) = [one for one in engines.snapshot() if one.model == card.id]
    return found


def node_of(engines: Engines, card: ModelCard) -> str:
    """Where it was placed last."""
    placed = [line for line in shot(engines, card).log if line.startswith(PLACED)]
    return placed[-1].removeprefix(PLACED) if placed else ""


async def ask(engines: Engines, card: ModelCard, post: Post, text: str) -> tuple[int, bytes]:
    async with asyncio.timeout(PATIENCE_S):
        lease = await engines.lease(engines.find_route(card))
        try:
            return await post(lease, text)
        finally:
            lease.release()


async def test_replica_when_its_engine_dies_then_the_reason_names_the_node_and_it_comes_back(
    cluster: Cluster, place: Place, make_card: MakeCard, post: Post, until: Until
) -> None:
    card = make_card("a/b", FakeSpec(memory_mib=2000))
    engines = await place(card)
    status, body = await ask(engines, card, post, "Hello you")
    assert status == 200
    assert b"Hello you" in body
    assert node_of(engines, card) == WIDE
    assert shot(engines, card).reason == ""
    assert len(children()) == 1
    (actor,) = await asyncio.to_thread(cluster.actors)
    assert actor.startswith("fake:a/b:")
    with pytest.raises(UpstreamError):
        await ask(engines, card, post, "[[fake: die_after=1]] Hello you")
    await until(lambda: f"on node {WIDE}: it exited with code 70" in shot(engines, card).log)
    await until(lambda: shot(engines, card).restarts == 1)
    assert (await ask(engines, card, post, "Hello"))[0] == 200


async def test_replicas_when_models_need_much_and_little_then_each_is_where_the_memory_is(
    place: Place, make_card: MakeCard, post: Post
) -> None:
    large = make_card("large", FakeSpec(memory_mib=2500))
    small = make_card("small", FakeSpec(memory_mib=900))
    engines = await place(large, small, eager=False)
    for card in (large, small):  # the wide node has room for either, and not for both
        assert (await ask(engines, card, post, "Hello"))[0] == 200
    assert node_of(engines, large) == WIDE
    assert node_of(engines, small) == NARROW


async def test_replica_when_its_node_dies_under_load_then_it_comes_back_on_another(
    cluster: Cluster, place: Place, make_card: MakeCard, post: Post, until: Until
) -> None:
    card = make_card("a/b", FakeSpec("tokens=20,delay_ms=5"))
    engines = await place(card)
    told: Counter[str] = Counter()
    over = False

    async def visit() -> None:
        while not over:
            try:
                status, body = await ask(engines, card, post, "on and on")
                assert status == 200
                assert b'"finish_reason"' in body
                told["answered"] += 1
            except (UpstreamError, EngineDown) as error:
                told[type(error).__name__] += 1
                await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(visit())
        await until(lambda: told["answered"] >= 8)
        first = node_of(engines, card)
        await asyncio.to_thread(cluster.kill, first)
        answered = told["answered"]
        async with asyncio.timeout(PATIENCE_S):
            while node_of(engines, card) == first or told["answered"] < answered + 8:
                await asyncio.sleep(0.01)
        failed = told.total() - told["answered"]
        await until(lambda: told["answered"] >= answered + 24)
        over = True
    assert failed > 0  # those in flight at least
    assert told.total() - told["answered"] == failed  # and none after it was back
    assert node_of(engines, card) == ({NARROW, WIDE} - {first}).pop()
    assert EngineState.FAILED in shot(engines, card).history


async def test_replica_when_no_node_has_room_then_it_says_so_and_starts_on_one_that_joins(
    cluster: Cluster, place: Place, make_card: MakeCard, post: Post, until: Until
) -> None:
    await asyncio.to_thread(cluster.have, NARROW)
    card = make_card("a/b", FakeSpec(memory_mib=2000))
    engines = await place(card, cpus=2)
    asking = asyncio.create_task(ask(engines, card, post, "Hello"))
    await until(lambda: "to join" in shot(engines, card).reason)
    assert shot(engines, card).state is EngineState.STARTING
    assert shot(engines, card).reason == (
        "waits for a node with 2 CPU, 2,000 MiB to join the Ray cluster: none of its 2 has that"
    )
    await asyncio.to_thread(cluster.add, WIDE)
    assert (await asking)[0] == 200
    assert node_of(engines, card) == WIDE


async def test_replica_when_the_weights_are_not_on_the_node_then_node_and_path_are_named(
    place: Place, make_card: MakeCard, until: Until, tiny_gguf: Path, tmp_path: Path
) -> None:
    weights = Path(shutil.copy(tiny_gguf, tmp_path))
    card = make_card("a/b", LlamaCppSpec(str(weights), memory_mib=2000))
    engines = await place(card, eager=False)
    await asyncio.to_thread(weights.unlink)
    waiting = asyncio.create_task(engines.lease(engines.find_route(card)))
    await until(lambda: bool(engines.snapshot()))
    await until(lambda: f"on node {WIDE}: it has no {weights}" in shot(engines, card).reason)
    assert EngineState.FAILED in shot(engines, card).history
    with pytest.raises(EngineDown):
        await waiting


async def test_replica_when_it_is_llama_cpp_then_it_answers_and_ends_with_its_bridge(
    cluster: Cluster,
    place: Place,
    make_card: MakeCard,
    post: Post,
    until: Until,
    tiny_gguf: Path,
) -> None:
    card = make_card("a/b", LlamaCppSpec(str(tiny_gguf), memory_mib=2000))
    engines = await place(card, address="auto")
    assert (await ask(engines, card, post, "Hello"))[0] == 200
    (child,) = children()
    assert _words(Path(f"/proc/{child}"))[-5:-1] == ["--threads", "1", "--host", WIDE]
    bridge = shot(engines, card).pid
    assert bridge is not None
    os.killpg(bridge, signal.SIGKILL)
    await until(lambda: child not in children() and shot(engines, card).restarts == 1)
    assert (await ask(engines, card, post, "Hello"))[0] == 200
    assert shot(engines, card).restarts == 1


async def test_replica_when_the_card_says_local_then_it_runs_on_this_machine(
    place: Place, make_card: MakeCard, post: Post
) -> None:
    card = replace(make_card("a/b", FakeSpec()), serving=Serving(placement="local"))
    engines = await place(card)
    assert (await ask(engines, card, post, "Hello"))[0] == 200
    assert node_of(engines, card) == ""
    assert children() == []


async def test_replica_when_another_s_server_is_wrapped_then_it_listens_where_the_gateway_asks(
    place: Place, make_card: MakeCard, post: Post, tmp_path: Path
) -> None:
    for name, text in (("config.json", "{}"), ("behaviour", "")):
        await asyncio.to_thread((tmp_path / name).write_text, text)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
    python.chmod(0o755)
    spec = GpuServerSpec(
        *("vllm", "a/b", "", 0, 0),
        weights=str(tmp_path),
        python=str(python),
        device=Accelerator.CPU,
        memory_mib=2000,
    )
    card = make_card("a/b", spec)
    engines = await place(card)
    assert (await ask(engines, card, post, "Hello"))[0] == 200
    assert node_of(engines, card) == WIDE


async def test_replica_when_it_is_stopped_while_it_waits_then_no_actor_is_left(
    cluster: Cluster, place: Place, make_card: MakeCard, until: Until
) -> None:
    card = make_card("a/b", FakeSpec(memory_mib=1_000_000))
    engines = await place(card)
    await until(lambda: "1,000,000 MiB to join" in shot(engines, card).reason)
    (actor,) = await asyncio.to_thread(cluster.actors)
    assert actor.startswith("fake:a/b:")
    await engines.close()  # the fixture looks at what is left
    assert shot(engines, card).state is EngineState.STOPPED


def test_doctor_when_the_cluster_is_there_then_it_tells_what_it_has(cluster: Cluster) -> None:
    (finding,) = check_ray(load_settings({"ray": cluster.address}, {}).settings)
    assert finding.verdict is Verdict.OK
    assert finding.says.endswith(", 3 nodes: 4 CPU, 0 GPU, 4,001 MiB")


async def test_server_when_it_stops_then_no_actor_and_no_engine_is_left(
    cluster: Cluster, tmp_path: Path
) -> None:
    cards = tmp_path / "cards"
    cards.mkdir()
    (cards / "far.toml").write_text(CARD)

    def visit() -> None:
        with running_weft(tmp_path, flags=("--ray", cluster.address), cards=cards) as weft:
            body = {"model": "test/far", "messages": [{"role": "user", "content": "Hello you"}]}
            answer = httpx.post(
                f"{weft.url}/chat/completions", json=body, headers=weft.headers, timeout=PATIENCE_S
            )
            assert answer.status_code == 200
            assert answer.json()["choices"][0]["message"]["content"] == "Hello you"
            assert children()
        assert not children()

    await asyncio.to_thread(visit)
    await gone(cluster)
