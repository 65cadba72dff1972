"""The actor's own part, without a cluster: Ray would call the same methods, in a process of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

import weft
from weft.engines.process.logs import RING_LINES
from weft.engines.ray.outpost import Outpost, command
from weft.engines.ray.types import PYTHON, Ended, Event, Listens, Order, Placed, Wrote

pytest.importorskip("ray", reason="the extra weft[ray] is not installed")

FAKE = (PYTHON, "-m", "weft.engines.kinds.fake.child")
LINES = 5000


def order(*argv: str, files: tuple[str, ...] = (), version: str = weft.__version__) -> Order:
    return Order(argv, secret="s", files=files, passed=(), version=version)


def code(text: str) -> tuple[str, ...]:
    return (PYTHON, "-c", text)


async def all_of(events: AsyncIterator[Event]) -> list[Event]:
    async with asyncio.timeout(60):
        return [event async for event in events]


async def test_keep_when_the_child_listens_then_it_is_at_the_node_s_address_until_it_ends(
    alive: Callable[[int], bool],
    until: Callable[[Callable[[], bool]], Awaitable[None]],
) -> None:
    outpost = Outpost()
    events = outpost.keep(order(*FAKE, "--behaviour", "grandchild,ignore_sigterm"))
    placed = await anext(events)
    assert isinstance(placed, Placed)
    told: list[Event] = []
    async with asyncio.timeout(60):
        while {type(event) for event in told} != {Listens, Wrote}:
            told.append(await anext(events))
    (host,) = [event.host for event in told if isinstance(event, Listens)]
    assert host == placed.host
    (line,) = [line for event in told if isinstance(event, Wrote) for line in event.lines]
    grandchild = int(line.removeprefix("grandchild "))
    assert alive(grandchild)
    await outpost.end(0.1)
    assert [event async for event in events][-1] == Ended("it was ended by SIGKILL")
    await until(lambda: not alive(grandchild))


async def test_keep_when_a_file_is_missing_then_nothing_is_started(tmp_path: Path) -> None:
    there, missing = tmp_path, tmp_path / "weights.gguf"
    ran = tmp_path / "ran"
    argv = code(f"open({str(ran)!r}, 'w')")
    events = await all_of(Outpost().keep(order(*argv, files=(str(there), str(missing)))))
    assert events[-1] == Ended(f"it has no {missing}")
    assert not ran.exists()


async def test_keep_when_the_node_has_another_version_then_both_are_named() -> None:
    events = await all_of(Outpost().keep(order(*FAKE, version="9.9.9")))
    assert events[-1] == Ended(
        f"it has Weft {weft.__version__}, and the server 9.9.9: install the same"
    )


async def test_keep_when_the_program_is_missing_then_it_is_named() -> None:
    events = await all_of(Outpost().keep(order("/nowhere/engine")))
    end = events[-1]
    assert isinstance(end, Ended)
    assert end.reason.startswith("/nowhere/engine cannot be started: ")


async def test_keep_when_the_child_writes_much_then_only_the_newest_lines_travel() -> None:
    text = f"import sys\nfor n in range({LINES}): print(n, file=sys.stderr)\nsys.exit(3)"
    events = await all_of(Outpost().keep(order(*code(text))))
    lines = [line for event in events if isinstance(event, Wrote) for line in event.lines]
    assert lines[-1] == str(LINES - 1)
    assert all(len(event.lines) <= RING_LINES for event in events if isinstance(event, Wrote))
    assert events[-1] == Ended("it exited with code 3")


async def test_end_when_nothing_was_started_then_nothing_happens() -> None:
    await Outpost().end(0)


@pytest.mark.parametrize(
    ("argv", "wanted"),
    [
        ((PYTHON, "-m", "m", "--a"), (sys.executable, "-m", "m", "--a", "--host", "h")),
        (("x", "--", PYTHON, "--", "y"), ("x", "--host", "h", "--", sys.executable, "--", "y")),
    ],
)
def test_command_when_made_for_a_node_then_the_child_itself_is_told_the_address(
    argv: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    assert command(argv, "h") == wanted
