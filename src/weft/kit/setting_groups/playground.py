"""The settings of the playground. What they mean in detail stands in docs/guides/playground.md."""

from pydantic import BaseModel, ConfigDict, Field

from weft.kit.setting_groups.types import Places


class PlaygroundSettings(BaseModel):
    """Where providers of people's own may be."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    provider_allow: Places = Field(
        default=(),
        max_length=256,
        description="Private networks and names that custom providers may be at: 10.1.0.0/16, localhost:11434.",
    )
