"""The machine: Python, processor, memory, clock. Linux tells most of it through `/proc`; elsewhere less is checked."""

import math
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from weft.cli.checks.finding import Finding, fail, ok, warn

MIN_PYTHON = (3, 11)
MIN_CORES = 2
MIN_MEMORY_BYTES = 1 << 30
FIRST_YEAR = 2026
LAST_YEAR = 2100
_X86 = frozenset({"x86_64", "amd64", "i686"})
_ROOT = Path("/")


def check_machine() -> list[Finding]:
    """Everything about the machine itself."""
    return [
        check_python(sys.version_info[:3]),
        check_cores(usable_cores()),
        check_memory(available_memory_bytes()),
        check_instructions(platform.machine(), cpu_flags()),
        check_clock(datetime.now(UTC), time.monotonic(), time.monotonic()),
    ]


def check_python(version: tuple[int, ...]) -> Finding:
    """Whether Python is new enough."""
    shown = ".".join(map(str, version))
    if version < MIN_PYTHON:
        return fail("python", f"Python {shown}", "install Python 3.11 or newer")
    return ok("python", f"Python {shown} on {platform.system()} {platform.machine()}")


def check_cores(cores: float) -> Finding:
    """Whether there is a core for the engine beside the server's."""
    if cores < MIN_CORES:
        return warn(
            "cores",
            f"{cores:g} processor core",
            "engine and server share it; two or more answer faster",
        )
    return ok("cores", f"{cores:g} processor cores")


def usable_cores(root: Path = _ROOT) -> float:
    """Cores that this process may use: its affinity, and its container's quota (cgroup v2) if that is less."""
    affinity = hasattr(os, "sched_getaffinity")
    cores = float(len(os.sched_getaffinity(0)) if affinity else os.cpu_count() or 1)
    quota, _, period = _read(root / "sys/fs/cgroup/cpu.max").partition(" ")
    if quota.isdigit() and period.strip().isdigit():
        return min(cores, int(quota) / int(period))
    return cores


def check_memory(available_bytes: int | None) -> Finding:
    """Whether there is memory for more than the tiny model."""
    if available_bytes is None:
        return ok("memory", "this system does not tell how much memory is free")
    shown = f"{available_bytes / (1 << 30):.1f} GiB of memory available"
    if available_bytes < MIN_MEMORY_BYTES:
        return warn("memory", shown, "close other programs or raise the container's memory limit")
    return ok("memory", shown)


def available_memory_bytes(root: Path = _ROOT) -> int | None:
    """Memory that programs can still take, in the container (cgroup v2) if there is one; None if nobody tells."""
    for line in _read(root / "proc/meminfo").splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            available = int(rest.split()[0]) * 1024
            break
    else:
        return None
    limit = _read(root / "sys/fs/cgroup/memory.max").strip()
    used = _read(root / "sys/fs/cgroup/memory.current").strip()
    if limit.isdigit() and used.isdigit():
        return max(0, min(available, int(limit) - int(used)))
    return available


def check_instructions(machine: str, flags: frozenset[str]) -> Finding:
    """Whether the processor has the instructions that llama.cpp was built with."""
    if machine.lower() not in _X86:
        return ok("processor", f"{machine}: no special instructions needed")
    if not flags:
        return ok("processor", f"{machine}: this system does not tell its instructions")
    if "avx2" not in flags:
        return fail(
            "processor",
            f"{machine} without AVX2, which the engine that ships needs",
            "serve models from another machine: a card with [engines.remote]",
        )
    return ok("processor", f"{machine} with AVX2")


def cpu_flags(root: Path = _ROOT) -> frozenset[str]:
    """The processor's features; empty if nobody tells."""
    for line in _read(root / "proc/cpuinfo").splitlines():
        name, _, flags = line.partition(":")
        if name.strip() == "flags":
            return frozenset(flags.split())
    return frozenset()


def check_clock(now: datetime, before_s: float, after_s: float) -> Finding:
    """Whether the clocks can be right: usage is metered by them, and keys expire."""
    if not FIRST_YEAR <= now.year < LAST_YEAR:
        return fail("clock", f"the clock says {now:%Y-%m-%d}", "set the system's date and time")
    if after_s < before_s or math.isnan(before_s):
        return fail("clock", "the monotonic clock runs backwards", "restart the machine")
    return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux, or hidden in a container: the caller does without
        return ""
