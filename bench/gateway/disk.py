"""How long the disk takes to make a small write durable: the floor under any answer that is metered first."""

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

FILE_BYTES = 4 << 20
WRITE_BYTES = 8192
"""Two pages: what SQLite's write-ahead log takes for a small transaction."""


@dataclass(frozen=True, slots=True)
class Disk:
    """`fdatasync` after overwriting a piece of a file that is there already, as a recycled write-ahead log does."""

    fdatasync_p50_us: float
    fdatasync_p99_us: float


def probe_disk(folder: Path, *, writes: int = 200) -> Disk:
    """Measure the disk that `folder` lies on."""
    path = folder / "fdatasync.probe"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        os.write(descriptor, bytes(FILE_BYTES))
        os.fsync(descriptor)
        page = bytearray(WRITE_BYTES)
        times_us: list[float] = []
        for number in range(writes):
            page[:8] = number.to_bytes(8, "little")
            os.pwrite(descriptor, page, number * WRITE_BYTES % FILE_BYTES)
            begun = time.perf_counter_ns()
            os.fdatasync(descriptor)
            times_us.append((time.perf_counter_ns() - begun) / 1000)
    finally:
        os.close(descriptor)
        path.unlink()
    cuts = statistics.quantiles(times_us, n=100)
    return Disk(fdatasync_p50_us=cuts[49], fdatasync_p99_us=cuts[98])
