"""Settings of plans and limits."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from weft.kit.setting_groups.types import Slug


def _number(value: object) -> object:
    """A variable is a text, and a `Literal` of numbers takes none."""
    return int(value) if isinstance(value, str) and value in {"429", "402"} else value


class LimitSettings(BaseModel):
    """What holds for teams that nobody said anything else about, and how a refusal looks."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    default_plan: Slug = Field(
        default="internal", description="Plan of a team that was given none; `weft plan ls`."
    )
    quota_status: Annotated[Literal[429, 402], BeforeValidator(_number)] = Field(
        default=429,
        description="HTTP status for a caller who is out of credit or at a spending cap.",
    )
