"""Settings of plans and limits."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from weft.kit.settings_types import Slug


class LimitSettings(BaseModel):
    """What holds for teams that nobody said anything else about, and how a refusal looks."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    default_plan: Slug = Field(
        default="internal", description="Plan of a team that was given none; `weft plan ls`."
    )
    quota_status: Literal[429, 402] = Field(
        default=429,
        description="HTTP status for a caller who is out of credit or at a spending cap.",
    )
