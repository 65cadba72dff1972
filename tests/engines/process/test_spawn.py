import os
import signal
import sys
from collections.abc import Awaitable, Callable

import pytest

from weft.engines.process.logs import LINE_BYTES, LogRing
from weft.engines.process.spawn import Child, spawn

Until = Callable[[Callable[[], bool]], Awaitable[None]]
SLEEP = "import time; time.sleep(600)"


async def run(code: str, *, secret: str = "", log: LogRing | None = None) -> Child:
    return await spawn([sys.executable, "-c", code], secret=secret, log=log or LogRing())


async def test_spawn_when_it_runs_then_it_leads_a_group_of_its_own() -> None:
    child = await run(SLEEP)
    assert os.getpgid(child.pid) == child.pid != os.getpgid(0)
    await child.end(0)


async def test_spawn_when_the_program_is_missing_then_an_os_error_says_so() -> None:
    with pytest.raises(FileNotFoundError):
        await spawn(["/nowhere/engine"], secret="", log=LogRing())


async def test_spawn_when_the_child_reads_its_stdin_then_the_secret_is_the_first_line() -> None:
    log = LogRing()
    child = await run("import sys; print('got', sys.stdin.readline())", secret="s3cret", log=log)
    await child.exited
    assert child.describe_end() == "it exited with code 0"
    await child.end(0)
    assert "got s3cret" in log.tail()


async def test_spawn_when_the_environment_holds_secrets_then_the_child_sees_only_what_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets = ("WEFT_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "OPENAI_API_KEY")
    needed = ("OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "GGML_CUDA_DEVICE", "LC_ALL", "PATH")
    for name in (*secrets, *needed[:3]):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    log = LogRing()
    child = await run("import os; print(*sorted(os.environ))", log=log)
    await child.exited
    await child.end(0)
    [line] = log.tail()
    seen = set(line.split())
    assert seen.isdisjoint(secrets)
    assert seen >= set(needed)


async def test_announcement_when_printed_then_it_is_the_port_and_no_log_line(until: Until) -> None:
    log = LogRing()
    lines = ["hello", '{"weft_engine":{"port":"x"}}', '{"weft_engine":{"port":4711}}', "bye"]
    child = await run(f"print({chr(10).join(lines)!r}, flush=True); {SLEEP}", log=log)
    assert await child.announced == 4711
    await until(lambda: len(log.tail()) == 3)
    assert log.tail() == ("hello", lines[1], "bye")
    await child.end(0)


async def test_announcement_when_it_names_a_host_then_the_engine_is_there() -> None:
    child = await run("""print('{"weft_engine":{"port":4711,"host":"10.0.0.5"}}')""")
    assert await child.announced == 4711
    assert child.host == "10.0.0.5"
    await child.end(0)


@pytest.mark.parametrize("listens", [False, True])
async def test_announcement_when_it_is_a_note_then_it_lasts_until_the_engine_listens(
    until: Until, listens: bool
) -> None:
    log = LogRing()
    code = """
from weft.engines.process.child import link_to_parent
link = link_to_parent()
link.note("waits for room")
link.note("loads " + "x" * 1000)
"""
    child = await run(code + ("link.announce(4711)" if listens else ""), log=log)
    await child.exited
    await child.end(0)
    assert child.announced.done() is listens
    assert len(child.note) == (0 if listens else 500)
    assert child.host == "127.0.0.1"
    assert log.tail() == ()


@pytest.mark.parametrize("port", [-1, 65_536])
async def test_announcement_when_the_port_is_none_then_it_is_only_a_line(port: int) -> None:
    log = LogRing()
    line = f'{{"weft_engine":{{"port":{port}}}}}'
    child = await run(f"print({line!r})", log=log)
    await child.exited
    await child.end(0)
    assert not child.announced.done()
    assert log.tail() == (line,)


async def test_announcement_when_on_stderr_then_it_is_only_a_line() -> None:
    log = LogRing()
    line = '{"weft_engine":{"port":4711}}'
    child = await run(f"import sys; print({line!r}, file=sys.stderr)", log=log)
    await child.exited
    assert not child.announced.done()
    await child.end(0)
    assert log.tail() == (line,)


async def test_log_when_the_child_writes_without_end_then_memory_is_bounded(until: Until) -> None:
    log = LogRing()
    code = "import sys\nsys.stderr.write('x' * 5_000_000)\nsys.stderr.write('\\nlast')"
    child = await run(code, log=log)
    await child.exited
    await until(lambda: len(log.tail()) == 2)
    assert log.tail() == ("x" * LINE_BYTES, "last")
    await child.end(0)


async def test_end_when_the_child_is_polite_then_sigterm_is_enough() -> None:
    child = await run(SLEEP)
    await child.end(30)
    assert child.describe_end() == "it was ended by SIGTERM"


async def test_end_when_the_child_ignores_sigterm_then_it_is_killed_after_the_grace() -> None:
    code = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEP}"
    log = LogRing()
    child = await run(code.replace("'deaf'", """'{"weft_engine":{"port":1}}'"""), log=log)
    await child.announced
    await child.end(0.05)
    assert child.describe_end() == "it was ended by SIGKILL"
    await child.end(0.05)  # a second time does nothing


@pytest.mark.parametrize("dies_first", [True, False])
async def test_end_when_the_child_has_children_then_they_go_too(
    until: Until, alive: Callable[[int], bool], dies_first: bool
) -> None:
    start = f"subprocess.Popen([sys.executable, '-c', {SLEEP!r}])"
    code = f"import subprocess, sys; print({start}.pid, flush=True); {SLEEP}"
    log = LogRing()
    child = await run(code, log=log)
    await until(lambda: bool(log.tail()))
    grandchild = int(log.tail()[0])
    assert alive(grandchild)
    if dies_first:  # the grandchild still holds the pipes; the end is seen all the same
        os.kill(child.pid, signal.SIGKILL)
        await child.exited
    await child.end(0)
    await until(lambda: not alive(grandchild))


async def test_describe_when_it_failed_then_the_code_is_named() -> None:
    child = await run("raise SystemExit(7)")
    assert child.describe_end() == "it still runs"
    await child.exited
    assert child.describe_end() == "it exited with code 7"
    await child.end(0)
