"""How much memory processes take, asked of the operating system.

A child may have children (a worker for each GPU), so what counts is the tree below it. Linux only: elsewhere, and for
processes that are gone, nothing is told. Pages that processes share are counted for each (proc(5), `statm`). GPU memory
is what `nvidia-smi` tells of a process; in a container that hides its processes from the driver it tells nothing.
"""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

SMI_TIMEOUT_S = 5.0
_PROC = Path("/proc")
_SMI_ARGUMENTS = (
    "--query-compute-apps=pid,used_gpu_memory",
    "--format=csv,noheader,nounits",
)


def trees(roots: Collection[int], proc: Path = _PROC) -> dict[int, list[int]]:
    """Each process of `roots` with all below it; without those that are gone."""
    children: dict[int, list[int]] = {}
    known: set[int] = set()
    for entry in _pids(proc):
        parent = _parent(proc / str(entry))
        if parent is not None:
            known.add(entry)
            children.setdefault(parent, []).append(entry)
    found: dict[int, list[int]] = {}
    for root in roots:
        tree = [root] if root in known else []
        for pid in tree:  # grows while it is walked
            tree += children.get(pid, [])
        if tree:
            found[root] = tree
    return found


def resident_mib(tree: Collection[int], proc: Path = _PROC) -> int:
    """What these processes hold in RAM together."""
    pages = 0
    for pid in tree:
        with contextlib.suppress(OSError, ValueError, IndexError):  # it may end meanwhile
            pages += int((proc / str(pid) / "statm").read_text().split()[1])
    return (pages * os.sysconf("SC_PAGE_SIZE")) >> 20


async def gpu_mib(command: str = "nvidia-smi") -> Mapping[int, int]:
    """By process, what it holds on all GPUs together; nothing where there is no such driver."""
    found = shutil.which(command)
    if found is None:
        return {}
    child = await asyncio.create_subprocess_exec(
        found,
        *_SMI_ARGUMENTS,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        said, _ = await asyncio.wait_for(child.communicate(), SMI_TIMEOUT_S)
    except TimeoutError:
        child.kill()
        await child.wait()
        return {}
    return read_smi(said.decode(errors="replace"))


def read_smi(text: str) -> dict[int, int]:
    """Process ids and MiB of `1234, 5678` lines; a process stands there once for each GPU."""
    sums: dict[int, int] = {}
    for line in text.splitlines():
        pid, _, mib = line.partition(",")
        if pid.strip().isdecimal() and mib.strip().isdecimal():
            sums[int(pid)] = sums.get(int(pid), 0) + int(mib)
    return sums


def _pids(proc: Path) -> list[int]:
    try:
        return [int(path.name) for path in proc.iterdir() if path.name.isdecimal()]
    except OSError:
        return []


def _parent(folder: Path) -> int | None:
    try:
        stat = (folder / "stat").read_text(errors="replace")
        # The name in brackets may hold anything, brackets too.
        return int(stat.rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None
