"""vLLM and SGLang as processes that Weft starts, with a script in the place of their interpreter."""

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path

import pytest

from weft.catalog.types import Accelerator, GpuServerSpec, ModelCard, Spread
from weft.engines.kinds import sglang, vllm
from weft.engines.kinds.plan import make_plan
from weft.engines.pool import Engines
from weft.engines.types import Endpoint, EngineState, Gpu, Machine, Plan

MakeCard = Callable[..., ModelCard]
MakeEngines = Callable[..., Awaitable[Engines]]
Post = Callable[..., Coroutine[None, None, tuple[int, bytes]]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]
STAND_IN = Path(__file__).with_name("fake_vllm.py")
KINDS = ("vllm", "sglang")


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter that has vLLM and SGLang."""
    path = tmp_path / "bin" / "python"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "behaviour").write_text("")
    return folder


@pytest.fixture
def spec(python: Path, weights: Path) -> GpuServerSpec:
    return GpuServerSpec(
        *("vllm", "a/b", "", 0, 0),
        weights=str(weights),
        python=str(python),
        device=Accelerator.CPU,
    )


def pids_of(weights: Path) -> list[int]:
    return [int(pid) for pid in (weights / "pids").read_text().split()]


def behave(weights: Path, how: str) -> None:
    (weights / "behaviour").write_text(how)


def spoil(python: Path) -> None:
    python.write_text("#!/nowhere/sh\n")


def command_line(pid: int | None) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
async def test_server_when_started_then_it_answers_and_nothing_of_it_stays(
    kind: str,
    spec: GpuServerSpec,
    weights: Path,
    make_card: MakeCard,
    make_engines: MakeEngines,
    post: Post,
    alive: Callable[[int], bool],
) -> None:
    card = make_card("a/b", replace(spec, kind=kind))
    engines = await make_engines(card)
    lease = await engines.lease(engines.find_route(card))
    assert (await post(lease, "Hello"))[0] == 200
    lease.release()
    server, worker = pids_of(weights)
    assert alive(server)
    assert alive(worker)
    await engines.close()
    assert not alive(server)
    assert not alive(worker)


@pytest.mark.skipif(sys.platform != "linux", reason="reads command lines in /proc")
@pytest.mark.parametrize("kind", KINDS)
async def test_secret_when_handed_over_then_no_command_line_holds_it(
    kind: str,
    spec: GpuServerSpec,
    weights: Path,
    make_card: MakeCard,
    make_engines: MakeEngines,
) -> None:
    card = make_card("a/b", replace(spec, kind=kind))
    engines = await make_engines(card)
    lease = await engines.lease(engines.find_route(card))
    head = lease.heads[Endpoint.CHAT].render(0)
    lease.release()
    secret = head.partition(b"Bearer ")[2].partition(b"\r\n")[0]
    assert len(secret) > 20
    pid = engines.snapshot()[0].pid
    for number in (pid, *pids_of(weights)):
        assert secret not in command_line(number)


async def test_server_when_it_is_killed_then_another_comes(
    spec: GpuServerSpec,
    weights: Path,
    make_card: MakeCard,
    make_engines: MakeEngines,
    until: Until,
    alive: Callable[[int], bool],
) -> None:
    card = make_card("a/b", spec)
    engines = await make_engines(card)
    route = engines.find_route(card)
    (await engines.lease(route)).release()
    server, worker = pids_of(weights)
    os.kill(server, signal.SIGKILL)
    await until(lambda: engines.snapshot()[0].restarts == 1)
    (await engines.lease(route)).release()
    assert pids_of(weights)[0] != server
    assert not alive(worker)


async def test_server_when_it_ends_at_once_then_its_exit_code_is_told(
    spec: GpuServerSpec,
    weights: Path,
    make_card: MakeCard,
    make_engines: MakeEngines,
    until: Until,
) -> None:
    behave(weights, "exit=3")
    engines = await make_engines(make_card("a/b", spec))
    await until(lambda: engines.snapshot()[0].state is EngineState.FAILED)
    assert "3" in engines.snapshot()[0].reason


async def test_server_when_it_cannot_be_started_then_that_is_told(
    spec: GpuServerSpec,
    python: Path,
    make_card: MakeCard,
    make_engines: MakeEngines,
    until: Until,
) -> None:
    spoil(python)
    engines = await make_engines(make_card("a/b", spec))
    await until(lambda: engines.snapshot()[0].state is EngineState.FAILED)
    assert "cannot be started" in engines.snapshot()[0].reason


# The plan.

GPUS = tuple(Gpu(index, "H100", 81_559) for index in range(8))
BIG = {"device": Accelerator.CUDA, "gpus": 8, "gpu_memory_gib": 80, "tensor_parallel": 8}


def plan_of(make_card: MakeCard, spec: GpuServerSpec, machine: Machine) -> Plan | None:
    return make_plan(make_card("a/b", spec), spec, machine)


def test_plan_when_all_is_there_then_the_command_line_is_the_card_s(
    make_card: MakeCard, spec: GpuServerSpec, python: Path, weights: Path
) -> None:
    big = replace(spec, **BIG, context_tokens=1000, tool_call_parser="hermes", memory_mib=5)  # pyright: ignore[reportArgumentType] - from the table
    plan = plan_of(make_card, big, Machine(gpus=GPUS))
    assert plan is not None
    assert plan.launch is not None
    assert (plan.kind, plan.context_tokens) == ("vllm", 1000)
    assert (plan.demand.gpus, plan.demand.gpu_memory_mib, plan.demand.memory_mib) == (8, 73_728, 5)
    argv = list(plan.launch.argv)
    command = argv[argv.index("--") + 1 :]
    assert command == [
        *(str(python), "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(weights), "--served-model-name", "a/b"),
        *("--tensor-parallel-size", "8", "--max-model-len", "1000"),
        *("--enable-auto-tool-choice", "--tool-call-parser", "hermes"),
    ]
    assert plan.launch.files == (str(weights / "config.json"),)
    assert plan.quirks is vllm.QUIRKS


def test_plan_when_on_a_cpu_then_seeds_are_refused_and_gpus_are_hidden(
    make_card: MakeCard, spec: GpuServerSpec
) -> None:
    plan = plan_of(make_card, spec, Machine())
    assert plan is not None
    assert plan.launch is not None
    assert plan.quirks.parameters is not None
    assert "seed" not in plan.quirks.parameters
    assert "CUDA_VISIBLE_DEVICES=" in plan.launch.argv
    assert plan.demand.gpus == 0


def test_plan_when_the_engine_fetches_the_weights_then_the_repository_is_named(
    make_card: MakeCard, spec: GpuServerSpec
) -> None:
    plan = plan_of(make_card, replace(spec, kind="sglang", weights="hub:a/b"), Machine())
    assert plan is not None
    assert plan.launch is not None
    argv = plan.launch.argv
    assert argv[argv.index("--model-path") + 1] == "a/b"
    assert plan.launch.files == ()
    assert plan.quirks is sglang.QUIRKS


@pytest.mark.parametrize(
    ("changes", "machine"),
    [
        ({"weights": ""}, Machine()),
        ({"weights": "/nowhere"}, Machine()),
        ({"python": "/nowhere/python"}, Machine()),
        (BIG, Machine()),
        (BIG, Machine(gpus=GPUS[:7])),
        (BIG, Machine(gpus=tuple(Gpu(index, "A10", 24_000) for index in range(8)))),
        ({**BIG, "gpus": 16, "nodes": 2}, Machine(gpus=GPUS)),
    ],
)
def test_plan_when_something_is_missing_then_none(
    make_card: MakeCard, spec: GpuServerSpec, changes: dict[str, object], machine: Machine
) -> None:
    changed = replace(spec, **changes)  # pyright: ignore[reportArgumentType] - from the table
    assert plan_of(make_card, changed, machine) is None


@pytest.mark.parametrize("way", [{"master_address": "h"}, {"spread": Spread.RAY}])
def test_plan_when_other_nodes_can_find_this_one_then_its_share_is_asked_for(
    make_card: MakeCard, spec: GpuServerSpec, way: dict[str, object]
) -> None:
    changed = replace(spec, **{**BIG, "gpus": 16, "nodes": 2, **way})  # pyright: ignore[reportArgumentType] - from the table
    plan = plan_of(make_card, changed, Machine(gpus=GPUS))
    assert plan is not None
    assert plan.demand.gpus == 8


def test_python_when_it_is_not_named_then_it_is_the_one_beside_the_program(
    make_card: MakeCard, spec: GpuServerSpec, python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unnamed = replace(spec, python="")
    monkeypatch.setenv("PATH", str(python.parent))
    assert plan_of(make_card, unnamed, Machine()) is None
    program = python.with_name("vllm")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    plan = plan_of(make_card, unnamed, Machine())
    assert plan is not None
    assert plan.launch is not None
    assert str(python) in plan.launch.argv
