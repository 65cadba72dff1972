import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from weft.engines.process.logs import LogRing
from weft.engines.process.spawn import Child, spawn

Until = Callable[[Callable[[], bool]], Awaitable[None]]

PARENT = """
import asyncio, sys
from weft.engines.process.logs import LogRing
from weft.engines.process.spawn import Child, spawn

async def main():
    child = await spawn(sys.argv[1:], secret="s", log=LogRing())
    await child.announced
    print(child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("engine", ["fake", "llama_cpp"])
async def test_child_when_its_parent_is_killed_then_it_ends(
    engine: str, tiny_gguf: Path, until: Until, alive: Callable[[int], bool]
) -> None:
    argv = [sys.executable, "-m", "weft.engines.kinds.fake.child", "--behaviour", "ignore_sigterm"]
    if engine == "llama_cpp":
        argv = [sys.executable, "-m", "weft.engines.kinds.llama_child", "--model", str(tiny_gguf)]
        argv += [
            "--alias",
            "x",
            "--context",
            "512",
            "--parallel",
            "1",
            "--max-in-flight",
            "2",
            "--threads",
            "1",
        ]
    with subprocess.Popen(  # noqa: ASYNC220 - it is the parent that has to die, not part of this loop
        [sys.executable, "-c", PARENT, *argv], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(signal.SIGKILL)
    await until(lambda: not alive(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere stdin has to do")
async def test_child_when_its_parent_is_killed_and_stdin_stays_open_then_it_ends_all_the_same(
    until: Until, alive: Callable[[int], bool]
) -> None:
    child = """
import os, time
from weft.engines.process.child import die_with_parent
die_with_parent()
print(os.getpid(), flush=True)
time.sleep(600)
"""
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        parent,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    pid = int(await process.stdout.readline())
    process.kill()
    await until(lambda: not alive(pid))
    await process.communicate()


async def test_child_when_only_its_stdin_ends_then_it_and_its_group_end(
    until: Until, alive: Callable[[int], bool]
) -> None:
    code = """
import os, subprocess, sys, time
from weft.engines.process.child import link_to_parent
link = link_to_parent()
sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("grandchild", sleeper.pid, flush=True)
link.announce(1)
time.sleep(600)
"""
    log = LogRing()
    child = await spawn([sys.executable, "-c", code], secret="s", log=log)
    await child.announced
    await until(lambda: bool(log.tail()))
    grandchild = int(log.tail()[-1].split()[-1])
    child.hang_up()
    await child.exited
    assert child.describe_end() == "it was ended by SIGKILL"
    await until(lambda: not alive(grandchild))
    await child.end(0)


@pytest.mark.parametrize("line", ["", "x" * 5000])
async def test_child_when_no_secret_comes_then_it_ends_instead_of_serving_everybody(
    line: str,
) -> None:
    argv = [sys.executable, "-m", "weft.engines.kinds.fake.child"]
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    out, _ = await process.communicate(line.encode())
    assert out == b""
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has an OOM score")
async def test_child_when_memory_runs_out_then_it_is_a_likelier_victim_than_its_parent(
    fake_server: Callable[..., Awaitable[tuple[Child, int]]],
) -> None:
    child, _ = await fake_server()
    assert oom_score("self") < oom_score(child.pid)


def oom_score(pid: int | str) -> int:
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())


async def test_child_when_native_code_prints_then_the_announcement_pipe_stays_clean() -> None:
    code = """
import os
from weft.engines.process.child import link_to_parent
link = link_to_parent()
os.write(1, b'{"weft_engine":{"port":1}}' + bytes([10]))
link.announce(2)
"""
    child = await spawn([sys.executable, "-c", code], secret="s", log=LogRing())
    assert await child.announced == 2
    await child.exited
    await child.end(0)


async def test_child_when_it_gets_a_secret_then_it_is_not_in_its_command_line_or_environment(
    fake_server: Callable[..., Awaitable[tuple[Child, int]]],
) -> None:
    secret = "a-very-secret-word"
    child, _ = await fake_server(secret=secret)
    shown = await ps(child.pid)
    assert "fake.child" in shown
    assert secret not in shown


async def ps(pid: int) -> str:
    """The command line and the environment of a process, as anybody of this user may see them."""
    show = await asyncio.create_subprocess_exec(
        "ps", "eww", "-p", str(pid), stdout=asyncio.subprocess.PIPE
    )
    shown, _ = await show.communicate()
    return shown.decode()
