"""What `weft models ps` draws, and what stands on the line while a model is loaded."""

import pytest

from weft.cli.engines.load import progress
from weft.cli.engines.ps import report, span
from weft.cli.engines.server import EngineLine, ReplicaLine

NOW = "2026-11-28T00:00:00Z"


def replica(state: str = "ready") -> ReplicaLine:
    return ReplicaLine("fake:x#0", state, NOW, "", 7, 1024, None, 1, 8, 0)


def model(
    name: str, stage: str = "ready", gpu_memory_mib: int | None = None, **more: object
) -> EngineLine:
    plain: dict[str, object] = {
        "model": name,
        "key": name,
        "engine": "llama_cpp",
        "stage": stage,
        "reason": "",
        "pinned": False,
        "replicas": [replica()] if stage == "ready" else [],
        "min_replicas": 0,
        "max_replicas": 2,
        "in_flight": 3,
        "waiting": 2,
        "tokens_per_s": 41.26,
        "idle_left_s": None,
        "eta_s": None,
        "memory_mib": 11_800,
        "gpu_memory_mib": gpu_memory_mib,
        "needs_memory_mib": 12_000,
        "needs_gpus": 0,
        "needs_gpu_memory_mib": 0,
        **more,
    }
    return EngineLine(**plain)  # pyright: ignore[reportArgumentType] - of the right types above


LINES = [
    model("meta-llama/Llama-4-Scout-17B-16E-Instruct", gpu_memory_mib=70_000, idle_left_s=425.0),
    model("openai/gpt-oss-20b", "loading", eta_s=65.0, memory_mib=None, in_flight=0),
    model("acme/huge", "no-room", reason="it needs 90,000 MiB; this server may use 64,000 MiB"),
    model("weft/tiny-chat", pinned=True),
]


@pytest.mark.parametrize("width", [80, 100])
def test_report_when_drawn_then_every_line_of_the_table_fits(width: int) -> None:
    lines = report(LINES, 9, width).splitlines()
    assert all(len(line) <= width for line in lines[:8])
    assert ("engine" in lines[0]) is (width == 100)
    assert "68.4 GiB" in lines[2]
    assert lines[2].endswith("7m 05s")
    assert "loading" in lines[3]
    assert lines[3].endswith("1m 05s")
    assert ("meta-llama/" in lines[2]) is (width == 100)
    assert lines[5].endswith("pinned")
    assert "165.0" in lines[7]
    assert "acme/huge: it needs 90,000 MiB; this server may use 64,000 MiB" in lines
    assert lines[-1] == "9 more sleep."


def test_report_when_no_gpu_is_used_then_has_no_column_for_it() -> None:
    assert "gpu" not in report([model("a")], 0, 100).splitlines()[0]
    assert report([], 3, 80) == "Nothing is awake; --all shows what sleeps."
    assert report([], 0, 80) == "No model runs here."


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.4, "59s"), (60, "1m 00s"), (3599, "59m 59s"), (11_100, "3h 05m")],
)
def test_span_when_shown_then_two_figures_at_most(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_progress_when_it_is_long_then_is_cut() -> None:
    line = model("openai/gpt-oss-20b", "loading", eta_s=65.0, reason="waits for a GPU")
    text = progress(line, 12.0, 200)
    assert text == "openai/gpt-oss-20b: loading, 12s, about 1m 05s more; waits for a GPU"
    assert len(progress(line, 12.0, 30)) == 30
