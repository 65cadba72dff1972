"""What the routes of custom providers take and tell."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from weft.evals.providers.book import Wanted
from weft.evals.providers.reach import HEADER_CHARS, MAX_HEADERS, URL_CHARS
from weft.evals.providers.store import SealedKey
from weft.evals.providers.types import (
    MAX_MODELS,
    MODEL_CHARS,
    CustomName,
    Provider,
    ProviderModel,
)
from weft.kit.clock import from_us

KEY_CHARS = 4096
MAX_TOKENS = 100_000_000
_HeaderName = Annotated[str, Field(min_length=1, max_length=256)]
_HeaderValue = Annotated[str, Field(max_length=HEADER_CHARS)]


class ModelWanted(BaseModel):
    """One model of a provider."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        min_length=1,
        max_length=MODEL_CHARS,
        pattern=r"^[^\x00-\x20\x7f]+$",
        examples=["gpt-5-mini"],
    )
    max_tokens: int = Field(default=4096, ge=1, le=MAX_TOKENS)


class ProviderWanted(BaseModel):
    """What a provider is to be."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field(min_length=1, max_length=URL_CHARS, examples=["https://example.com/v1"])
    headers: dict[_HeaderName, _HeaderValue] = Field(default={}, max_length=MAX_HEADERS)
    models: list[ModelWanted] = Field(default=[], max_length=MAX_MODELS)
    api_key: SecretStr | None = Field(default=None, max_length=KEY_CHARS)
    """Null: the one that is there stays; empty: there is none any more."""

    def wanted(self) -> Wanted:
        """The same, for the book."""
        models = {model.name: ProviderModel(model.name, model.max_tokens) for model in self.models}
        return Wanted(
            self.base_url.strip().rstrip("/"),
            dict(self.headers),
            tuple(models.values()),
            None if self.api_key is None else self.api_key.get_secret_value().strip(),
        )


class ModelTold(BaseModel):
    """One model of a provider."""

    id: str
    """What a chat names it by: `custom::provider::model`."""
    name: str
    max_tokens: int


class ProviderTold(BaseModel):
    """A provider; its key is never told."""

    name: str
    base_url: str
    headers: dict[str, str]
    models: list[ModelTold]
    has_key: bool
    key_set_at: datetime | None
    changed_at: datetime
    version_index: int


class ProviderList(BaseModel):
    """The providers of a project, by name."""

    providers: list[ProviderTold]


class Tested(BaseModel):
    """What a provider lists, once it answered."""

    models: list[str]
    total_ms: float


def told(provider: Provider, key: SealedKey | None) -> ProviderTold:
    """What is told of a provider."""
    has_key = key is not None and bool(provider.api_key_name)
    return ProviderTold(
        name=provider.name,
        base_url=provider.base_url,
        headers=provider.headers,
        models=[
            ModelTold(
                id=str(CustomName(provider.name, model.name)),
                name=model.name,
                max_tokens=model.max_tokens,
            )
            for model in provider.models
        ],
        has_key=has_key,
        key_set_at=from_us(key.set_at_us) if key is not None and has_key else None,
        changed_at=from_us(provider.changed_at_us),
        version_index=provider.version_index,
    )
