"""What this machine has for engines: its accelerators.

Owns the question to the driver and its bounds. Invariant: it never fails and never takes long; a machine without a
driver has no accelerators. Source: `nvidia-smi --help-query-gpu` (read 2026-11).
"""

import shutil
import subprocess

import structlog

from weft.engines.types import Gpu

TIMEOUT_S = 10.0
"""A driver that sleeps takes some seconds to wake."""
MAX_GPUS = 64
_QUERY = ("--query-gpu=index,name,memory.total", "--format=csv,noheader,nounits")

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def find_gpus(program: str = "nvidia-smi") -> tuple[Gpu, ...]:
    """The NVIDIA devices of this machine, in the driver's order."""
    path = shutil.which(program)
    if path is None:
        return ()
    try:
        asked = subprocess.run(  # noqa: S603 - a fixed question to the driver's program
            [path, *_QUERY], capture_output=True, text=True, timeout=TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("gpus_unknown", trouble=str(error))
        return ()
    return read_gpus(asked.stdout)


def read_gpus(listed: str) -> tuple[Gpu, ...]:
    """What the driver's list says; lines of another form are passed over."""
    gpus: list[Gpu] = []
    for line in listed.splitlines()[:MAX_GPUS]:
        index, _, rest = line.partition(",")
        name, _, memory = rest.rpartition(",")
        if index.strip().isdecimal() and memory.strip().isdecimal():
            gpus.append(Gpu(int(index), name.strip(), int(memory)))
    return tuple(gpus)
