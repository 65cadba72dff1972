"""What needs no cluster: how a plan is wrapped, what a wait is for, and what keeps a bridge from a cluster."""

import asyncio
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from weft.catalog.types import FakeSpec, GpuServerSpec, ModelCard, RemoteSpec
from weft.cli.checks.finding import Verdict
from weft.cli.checks.ray import check_ray
from weft.engines.kinds.plan import make_plan
from weft.engines.process.logs import LogRing
from weft.engines.process.spawn import spawn
from weft.engines.ray import placement
from weft.engines.ray.bridge import waits_for
from weft.engines.ray.cluster import Node
from weft.engines.ray.outpost import command
from weft.engines.ray.placement import RayOptions, place
from weft.engines.types import Demand, Machine
from weft.kit.errors import CannotStart
from weft.kit.settings import load_settings

MIB = 1 << 20
OPTIONS = RayOptions("10.0.0.1:6379", 2.5)


def test_place_when_a_child_then_it_is_a_bridge_s_argument_and_takes_nothing_here(
    make_card: Callable[..., ModelCard],
) -> None:
    card = make_card("a/b", FakeSpec("delay_ms=5"))
    plan = make_plan(card, card.engines[0], Machine())
    assert plan is not None
    assert plan.launch is not None
    launch = replace(plan.launch, files=("/w/a.gguf",), passed=("HF_",))
    placed = place(
        replace(plan, launch=launch, demand=Demand(memory_mib=900, gpus=2, gpu_memory_mib=80)),
        OPTIONS,
    )
    assert placed.launch is not None
    bridge, child = _split(placed.launch.argv)
    assert bridge == [
        *(sys.executable, "-m", "weft.engines.ray.bridge"),
        *("--address", "10.0.0.1:6379", "--name", "fake:a/b"),
        *("--cpus", "2.5", "--gpus", "2", "--memory-mib", "900"),
        *("--file", "/w/a.gguf", "--passed", "HF_"),
    ]
    assert child == ["{python}", *launch.argv[1:]]
    assert placed.demand == Demand()
    assert placed.launch.passed == ("RAY_",)
    assert placed.launch.headers == launch.headers
    assert placed.quirks is plan.quirks


@pytest.mark.parametrize("python", ["", "/opt/vllm/bin/python"])
@pytest.mark.parametrize(
    ("weights", "files"), [("hub:a/b", []), ("/w/b", ["--file", "/w/b/config.json"])]
)
def test_place_when_this_machine_has_neither_gpus_nor_vllm_then_a_node_may(
    make_card: Callable[..., ModelCard], python: str, weights: str, files: list[str]
) -> None:
    spec = GpuServerSpec("vllm", "a/b", "", 2, 80, weights=weights, python=python, memory_mib=900)
    card = make_card("a/b", spec)
    assert make_plan(card, spec, Machine()) is None
    plan = make_plan(card, spec, OPTIONS.machine(Machine()))
    assert plan is not None
    placed = place(plan, OPTIONS)
    assert placed.launch is not None
    bridge, child = _split(placed.launch.argv)
    wanted = ["--cpus", "2.5", "--gpus", "2", "--memory-mib", "900", *files, "--passed"]
    assert bridge[7 : 7 + len(wanted)] == wanted
    server = command(child, "10.0.0.5")
    end = server.index("--")
    assert server[end - 2 : end + 2] == ("--host", "10.0.0.5", "--", python or sys.executable)


@pytest.mark.parametrize(("weights", "nodes"), [("", 1), ("hub:a/b", 2)])
def test_plan_when_a_recipe_or_spread_over_nodes_then_there_is_none_for_the_cluster(
    make_card: Callable[..., ModelCard], weights: str, nodes: int
) -> None:
    spec = GpuServerSpec("vllm", "a/b", "", 2, 80, weights=weights, nodes=nodes)
    card = make_card("a/b", spec)
    assert make_plan(card, spec, OPTIONS.machine(Machine())) is None


def test_place_when_a_remote_server_then_it_stays_where_it_is(
    make_card: Callable[..., ModelCard],
) -> None:
    card = make_card("a/b", RemoteSpec("http://gpu1:8000/v1"))
    plan = make_plan(card, card.engines[0], Machine())
    assert plan is not None
    assert place(plan, OPTIONS) is plan


@pytest.mark.parametrize(("cpus", "given", "threads"), [(2.5, 0, 3), (0, 0, 1), (2, 8, 8)])
def test_machine_when_placed_then_threads_follow_what_is_reserved(
    cpus: float, given: int, threads: int
) -> None:
    machine = RayOptions("auto", cpus).machine(Machine(threads=given, memory_mib=4000))
    assert machine.threads == threads


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, None),
        ({"WEFT_RAY": "auto"}, RayOptions("auto", 1)),
        ({"WEFT_RAY": "[fd00::1]:6379", "WEFT_RAY_CPUS": "4"}, RayOptions("[fd00::1]:6379", 4)),
    ],
)
def test_options_when_the_settings_name_a_cluster_then_it_is_used(
    environ: Mapping[str, str], wanted: RayOptions | None
) -> None:
    assert RayOptions.from_settings(load_settings({}, environ).settings) == wanted


def test_options_when_ray_is_not_installed_then_the_start_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(placement, "PACKAGE", "no_such_package")
    assert RayOptions.from_settings(load_settings({}, {}).settings) is None
    with pytest.raises(CannotStart, match="not installed") as caught:
        RayOptions.from_settings(load_settings({}, {"WEFT_RAY": "auto"}).settings)
    assert caught.value.metadata["remedy"] == "pip install 'weft[ray]'"


@pytest.mark.parametrize("address", ["cluster", "host:", ":6379", "ray://host:10001", "a b:1"])
def test_setting_when_it_is_no_address_then_it_is_refused(address: str) -> None:
    with pytest.raises(CannotStart, match="host:port of the cluster's head"):
        load_settings({"ray": address}, {})


def test_doctor_when_no_cluster_is_named_then_it_says_nothing() -> None:
    assert check_ray(load_settings({}, {}).settings) == []


def test_doctor_when_nobody_is_at_the_address_then_it_fails() -> None:
    pytest.importorskip("ray", reason="the extra weft[ray] is not installed")
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unheard.getsockname()[1]}"
        (finding,) = check_ray(load_settings({"ray": address}, {}).settings)
    assert finding.verdict is Verdict.FAIL
    assert finding.says.startswith(f"no Ray cluster answers at {address}: ")
    assert "ray start" in finding.mend


def test_wait_when_a_node_would_do_then_it_is_for_a_place_there() -> None:
    nodes = [node(CPU=1), node(CPU=4, memory=8000 * MIB)]
    assert waits_for({"CPU": 2, "memory": 4096 * MIB}, nodes) == (
        "waits for its place on the Ray cluster: it needs 2 CPU, 4,096 MiB"
    )


def test_wait_when_no_living_node_would_do_then_it_is_for_a_node() -> None:
    nodes = [node(CPU=1, GPU=1), node(alive=False, CPU=4, GPU=8)]
    assert waits_for({"CPU": 1, "GPU": 2}, nodes) == (
        "waits for a node with 1 CPU, 2 GPU to join the Ray cluster: none of its 1 has that"
    )


async def test_bridge_when_nobody_is_at_the_address_then_it_says_so_and_ends() -> None:
    pytest.importorskip("ray", reason="the extra weft[ray] is not installed")
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unheard.getsockname()[1]}"
        argv = [sys.executable, "-m", "weft.engines.ray.bridge", "--address", address]
        argv += ["--name", "x", "--cpus", "1", "--gpus", "0", "--memory-mib", "0", "--", "true"]
        log = LogRing()
        child = await spawn(argv, secret="s", log=log)
        async with asyncio.timeout(60):
            await child.exited
        await child.end(0)
    assert child.describe_end() == "it exited with code 1"
    assert log.tail()[-1].startswith(f"no Ray cluster answers at {address}: ")


def _split(argv: tuple[str, ...]) -> tuple[list[str], list[str]]:
    at = argv.index("--")
    return list(argv[:at]), list(argv[at + 1 :])


def node(*, alive: bool = True, **resources: float) -> Node:
    return {"Alive": alive, "NodeManagerAddress": "10.0.0.2", "Resources": resources}
