"""The nouns of custom providers, and how a request names a model of one: `custom::<provider>::<model>`.

A provider is an object of the Weave client's class `Provider`, each of its models one of the class `ProviderModel`, as
the hosted playground keeps them (client 0.54); so clients can read them. The key is no part of them: see `store`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from weft.kit.errors import NotFound

PREFIX = "custom::"
PROVIDER_CHARS = 64
MODEL_CHARS = 256
MAX_PROVIDERS = 32
"""Of one project."""
MAX_MODELS = 200
"""Of one provider."""
PROVIDER_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
_NAME = re.compile(PROVIDER_NAME)


class NoSuchProvider(NotFound):
    """The project has no such provider, or the provider no such model."""

    code = "provider_not_found"


@dataclass(frozen=True, slots=True)
class CustomName:
    """What a request asks for."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.provider}::{self.model}"


@dataclass(frozen=True, slots=True)
class ProviderModel:
    """One model of a provider."""

    name: str
    """As the provider knows it."""
    max_tokens: int
    """The longest answer that it gives."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A server that speaks the OpenAI API."""

    name: str
    """Also the id of its object."""
    base_url: str
    """Up to and including the version part."""
    headers: dict[str, str]
    """Sent with every request, besides the key; no secrets, since everybody in the project reads them."""
    api_key_name: str
    """What its object calls the key; empty where there is none."""
    models: tuple[ProviderModel, ...]
    digest: str
    version_index: int
    changed_at_us: int
    changed_by: str
    """A user's id."""


def unpriced(models: Iterable[str]) -> list[str]:
    """Those of `models` that custom providers serve, each once: what they cost is known to nobody here."""
    return [model for model in dict.fromkeys(models) if parse_custom(model) is not None]


def parse_custom(model: str) -> CustomName | None:
    """The parts of such a name; None for every other model."""
    if not model.startswith(PREFIX):
        return None
    provider, separator, name = model.removeprefix(PREFIX).partition("::")
    if not separator or not _NAME.fullmatch(provider) or not 0 < len(name) <= MODEL_CHARS:
        return None
    return CustomName(provider, name)
