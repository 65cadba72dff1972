"""What the operator may choose of engines: the room's own view of the server's settings."""

import math
from dataclasses import dataclass, field
from typing import Self

from weft.engines.gpus import find_gpus
from weft.engines.keeper.keeper import Patience
from weft.engines.machine import memory_mib
from weft.engines.process.engine import Timings
from weft.engines.ray.placement import RayOptions
from weft.engines.types import Machine
from weft.kit.settings import Settings
from weft.upstream import Timeouts

MEMORY_SHARE = 0.8
"""Of the machine's memory, for all engines together, where nobody said."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the operator may choose."""

    stand_in: bool = False
    eager: bool = False
    """Start the engines of all models at once, as far as memory goes; otherwise each with its first request."""
    machine: Machine = field(default_factory=Machine)
    ray: RayOptions | None = None
    """The cluster that engines run on; None: this machine."""
    idle_s: float = math.inf
    """A model that nobody called for so long sleeps."""
    queue_limit: int = 256
    queue_timeout_s: float = 60.0
    cold_stream_timeout_s: float = 600.0
    timeouts: Timeouts = field(default_factory=Timeouts)
    timings: Timings = field(default_factory=Timings)
    patience: Patience = field(default_factory=Patience)
    up_after_s: float = 1.0
    down_after_s: float = 60.0

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The part of the server's settings that concerns engines."""
        return cls(
            stand_in=settings.stand_in,
            eager=settings.eager_engines,
            machine=Machine(
                threads=settings.engine_threads,
                weights_dir=settings.weights_dir,
                memory_mib=settings.engine_memory_mib or round(memory_mib() * MEMORY_SHARE),
                gpus=find_gpus(),
            ),
            ray=RayOptions.from_settings(settings),
            idle_s=settings.idle_sleep_s or math.inf,
            queue_limit=settings.queue_limit,
            queue_timeout_s=settings.queue_timeout_s,
            cold_stream_timeout_s=settings.cold_stream_timeout_s,
            timeouts=Timeouts(
                connect_s=settings.connect_timeout_s,
                first_byte_s=settings.first_byte_timeout_s,
                idle_s=settings.idle_timeout_s,
            ),
        )
