"""Settings of the engines: what runs, how much memory it may take, and how long requests wait for it."""

from pydantic import BaseModel, ConfigDict, Field

from weft.kit.setting_groups.types import Count, Seconds


class EngineSettings(BaseModel):
    """What holds for every model whose card says nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    eager_engines: bool = Field(
        default=False,
        description="Start the engines of all models with the server, as far as memory goes.",
    )
    engine_threads: Count = Field(
        default=0,
        ge=0,
        le=1024,
        description="CPU threads for each engine; 0 chooses by the machine.",
    )
    engine_memory_mib: Count = Field(
        default=0,
        ge=0,
        le=1_000_000_000,
        description="Memory for all engines together; 0: four fifths of what the machine has.",
    )
    idle_sleep_s: Seconds = Field(
        default=600,
        ge=0,
        le=31_536_000,
        description="A model that nobody called for so long goes to sleep; 0: never.",
    )
    queue_limit: Count = Field(
        default=256,
        ge=0,
        le=100_000,
        description="Requests that may wait for one model; more get a 503.",
    )
    queue_timeout_s: Seconds = Field(
        default=60, ge=0, le=86_400, description="Longest wait in a model's queue."
    )
    cold_stream_timeout_s: Seconds = Field(
        default=600,
        ge=0,
        le=86_400,
        description="Longest wait of a stream for a model that is being loaded.",
    )
