"""Settings of the probes that tell what an engine can do."""

from pydantic import BaseModel, ConfigDict, Field

from weft.kit.setting_groups.types import Count, Seconds


class ProbeSettings(BaseModel):
    """How often models are probed, and how far."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    probe_every_s: Seconds = Field(
        default=21_600,
        ge=0,
        le=31_536_000,
        description="Time between two probes of what a loaded model can do; 0: it is never probed.",
    )
    probe_context_max_tokens: Count = Field(
        default=8192,
        ge=0,
        le=10_000_000,
        description="Longest context that a probe fills to see whether it is kept; longer ones are not tried.",
    )
