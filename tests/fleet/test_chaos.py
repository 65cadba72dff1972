"""Eight models of different size in memory for three of them, called at random, with their engines killed at random.

`pytest tests/fleet/test_chaos.py --chaos-s 600` does it for ten minutes; by itself it is short. Shown: every request
ends in a whole answer or in a clear error; what lives never takes more memory than there is; no process is left over;
every engine's life keeps to the contract in `engines/types.py`.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from tests.gateway.house import Door, open_door

from weft.engines.process.life import LEGAL
from weft.engines.types import ModelSnapshot

SIZES_MIB = (100, 120, 150, 180, 200, 230, 260, 300)
BUDGET_MIB = 700
"""The three largest do not fit together, the three smallest do."""
CLIENTS = 12
CLEAR = {"overloaded", "model_loading", "engine_down", "engine_failed"}
SEED = 4


def a_card(number: int, size_mib: int) -> str:
    return (
        f'id = "chaos/m{number}"\ncontext_window_tokens = 8192\n[engines.fake]\n'
        f'behaviour = "start_delay_ms={20 * number},start_jitter_ms=200,delay_ms=2"\n'
        f"max_in_flight = 4\nmemory_mib = {size_mib}\n[serving]\nidle_s = 2\n"
        f"max_replicas = {1 + number % 2}\n"
    )


CARDS = {f"m{at}": a_card(at, size) for at, size in enumerate(SIZES_MIB)}


class Chaos:
    """The callers, the killer and the watcher."""

    def __init__(self, door: Door, seed: int) -> None:
        self.door = door
        self.chance = random.Random(seed)
        self.ends: Counter[str] = Counter()
        self.unclear: list[str] = []
        self.kills = 0
        self.most_mib = 0
        self.pids: set[int] = set()
        self.over = asyncio.Event()

    async def call(self) -> None:
        while not self.over.is_set():
            model = min(int(self.chance.expovariate(0.35)), len(SIZES_MIB) - 1)
            words = "word " * self.chance.randrange(1, 40)
            stream = self.chance.random() < 0.6
            response = await self.door.ask(words, model=f"chaos/m{model}", stream=stream)
            end = end_of(response.status_code, response.text)
            self.ends[end] += 1
            if end != "whole" and end not in CLEAR:
                self.unclear.append(f"{response.status_code} {response.text[-300:]}")

    async def kill(self) -> None:
        while not self.over.is_set():
            await asyncio.sleep(self.chance.uniform(0.3, 1.5))
            pids = [shot.pid for shot in self.door.house.engines.snapshot() if shot.pid]
            with contextlib.suppress(ProcessLookupError):  # it had died already
                if pids:
                    os.kill(self.chance.choice(pids), signal.SIGKILL)
                    self.kills += 1

    async def watch(self) -> None:
        while not self.over.is_set():
            alive = [taken_mib(model) for model in self.door.house.engines.models()]
            self.most_mib = max(self.most_mib, sum(alive))
            self.pids |= {s.pid for s in self.door.house.engines.snapshot() if s.pid}
            await asyncio.sleep(0.005)

    async def run(self, seconds: float) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(self.call())
            group.create_task(self.kill())
            group.create_task(self.watch())
            await asyncio.sleep(seconds)
            self.over.set()


def taken_mib(model: ModelSnapshot) -> int:
    """What the processes of a model take, by what its card says: each that lives, whatever its state."""
    return model.demand.memory_mib * sum(shot.pid is not None for shot in model.replicas)


def end_of(status: int, text: str) -> str:
    """`whole`, or the code of the error that the client was told."""
    if status == 200 and text.startswith("{"):
        return "whole" if json.loads(text)["choices"][0]["finish_reason"] == "stop" else "cut"
    if status == 200:
        datas = [line[6:] for line in text.split("\n") if line.startswith("data: ")]
        if datas and datas[-1] == "[DONE]":
            return "whole"
        return json.loads(datas[-1]).get("error", {}).get("code", "cut") if datas else "empty"
    return str(json.loads(text)["error"]["code"])


@pytest.mark.timeout(900)
async def test_models_when_called_and_killed_at_random_then_no_request_is_lost(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    seconds = float(str(pytestconfig.getoption("--chaos-s")))
    async with open_door(
        tmp_path,
        CARDS,
        queue_limit=64,
        queue_timeout_s=20,
        engine_memory_mib=BUDGET_MIB + 128,  # the tiny model that ships stays awake
    ) as door:
        chaos = Chaos(door, SEED)
        await chaos.run(seconds)
        models = door.house.engines.models()
        assert [(model.in_flight, model.waiting) for model in models] == [(0, 0)] * len(models)
    print(f"\nseed {SEED}: {dict(chaos.ends)}, {chaos.kills} kills, {len(chaos.pids)} processes")  # noqa: T201 - with -s
    assert not chaos.unclear
    assert chaos.kills >= seconds / 4
    assert chaos.ends["whole"] > chaos.ends.total() / 2
    assert 3 * SIZES_MIB[0] < chaos.most_mib <= BUDGET_MIB + 128
    for shot in door.house.engines.snapshot():
        assert all(to in LEGAL[at] for at, to in pairwise(shot.history)), shot.history
    assert not [pid for pid in chaos.pids if is_ours(pid)]


def is_ours(pid: int) -> bool:
    """Whether an engine of this process still runs under the number, which may be another's by now."""
    try:
        parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return int(parent) == os.getpid()
