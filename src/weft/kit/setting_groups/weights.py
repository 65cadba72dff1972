"""The settings of weights: where they lie, and where they are had from. docs/guides/models.md tells how to choose."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from weft.kit.setting_groups.types import BaseUrl, Folder, OptionalFolder


def _weights_dir(values: dict[str, object]) -> Path:
    data_dir = values["data_dir"]
    assert isinstance(data_dir, Path)
    return data_dir / "weights"


class WeightsSettings(BaseModel):
    """Weights on disk, and the hub."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    weights_dir: Folder = Field(
        default_factory=_weights_dir,
        description="Folder that `weft models pull` fills, as organisation/repository/file.",
    )
    hub_url: BaseUrl = Field(
        default="https://huggingface.co",
        min_length=1,
        max_length=2048,
        description="URL of the hub that weights come from: the Hugging Face Hub, or a server with its API.",
    )
    hub_token: SecretStr = Field(
        default=SecretStr(""),
        max_length=1024,
        description="Access token for gated models; empty: what the variable HF_TOKEN says, or none.",
    )
    hub_mirror: OptionalFolder = Field(
        default="",
        description="Folder laid out as organisation/repository/file that is used instead of the hub; empty: the hub.",
    )
