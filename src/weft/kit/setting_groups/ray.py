"""Settings of the cluster that engines may run on. How to set one up stands in docs/guides/ray.md."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from weft.kit.setting_groups.types import Number

RAY_FORMS = "auto, host:port of the cluster's head, or nothing"
_FORM = re.compile(r"(auto|([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5})?")


def _address(text: str) -> str:
    if not _FORM.fullmatch(text):
        raise ValueError(RAY_FORMS)
    return text


class RaySettings(BaseModel):
    """The cluster."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    ray: Annotated[str, AfterValidator(_address)] = Field(
        default="",
        max_length=300,
        description="Ray cluster that engines run on: auto, or host:port of its head; empty: on this machine.",
    )
    ray_cpus: Number = Field(
        default=1,
        ge=0,
        le=1024,
        description="Processors that each replica on the Ray cluster reserves, and threads that it runs.",
    )
