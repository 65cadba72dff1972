"""Custom providers as objects of their project: read from there, and published.

Values and ids are those of the hosted playground (client 0.54: `Provider`, `ProviderModel`): a model's object is called
by provider and model together, and refers to the provider. What a client published in that form is read as well, and
judged again before anything is sent to it.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from weft.evals.providers.types import MAX_MODELS, NoSuchProvider, Provider, ProviderModel
from weft.evals.values import object_in, text_in
from weft.traces.canonical import parsed
from weft.traces.objects.classes import with_builtin_class
from weft.traces.objects.read import ObjectFilter, ObjectVersion, query_versions, read_values
from weft.traces.refs import BadRef, parse_ref
from weft.traces.types import ProjectKey

_OUTSIDE_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_ID_CHARS = 128
_DIGEST_CHARS = 16
DEFAULT_MAX_TOKENS = 4096
"""Where an object says nothing that can be used."""
_LISTED = 10_000


def model_object_id(provider: str, model: str) -> str:
    """What the object of a provider's model is called."""
    plain = _OUTSIDE_NAMES.sub("_", f"{provider}-{model}")
    if len(plain) <= _ID_CHARS:
        return plain
    digest = sha256(model.encode()).hexdigest()[:_DIGEST_CHARS]
    return f"{plain[: _ID_CHARS - _DIGEST_CHARS - 1]}-{digest}"


def key_name(provider: str) -> str:
    """What a provider's object calls its key."""
    return f"{provider}_api_key"


def provider_value(
    name: str, base_url: str, headers: dict[str, str], *, has_key: bool
) -> dict[str, Any]:
    """The value of a provider's object."""
    plain = {
        "name": name,
        "base_url": base_url,
        "api_key_name": key_name(name) if has_key else "",
        "extra_headers": headers,
        "return_type": "openai",
    }
    return with_builtin_class(plain, "Provider")


def model_value(model: ProviderModel, provider_ref: str) -> dict[str, Any]:
    """The value of the object of a provider's model."""
    plain = {"name": model.name, "provider": provider_ref, "max_tokens": model.max_tokens}
    return with_builtin_class(plain, "ProviderModel")


def read_providers(connection: Connection, key: ProjectKey) -> list[Provider]:
    """All providers of a project with their models, by name."""
    models: dict[str, list[ProviderModel]] = {}
    for _version, value in _latest(connection, key, "ProviderModel"):
        provider, name = _provider_of(value), text_in(value.get("name"))
        if provider and name and len(models.setdefault(provider, [])) < MAX_MODELS:
            models[provider].append(ProviderModel(name, _max_tokens(value)))
    return [
        _provider(version, value, models.get(version.object_id, []))
        for version, value in _latest(connection, key, "Provider")
    ]


def find_provider(connection: Connection, key: ProjectKey, name: str) -> Provider | None:
    """One provider of a project."""
    return next((one for one in read_providers(connection, key) if one.name == name), None)


def no_such_provider(name: str, known: Sequence[Provider]) -> NoSuchProvider:
    """The refusal, which names those that are there."""
    names = ", ".join(one.name for one in known) or "none"
    return NoSuchProvider(
        f"This project has no provider {name}; there are: {names}",
        param="model",
        remedy="Add it in the playground, under AI providers, or name one of these.",
    )


def _latest(
    connection: Connection, key: ProjectKey, class_name: str
) -> list[tuple[ObjectVersion, dict[str, Any]]]:
    which = ObjectFilter(base_object_classes=[class_name], latest_only=True, is_op=False)
    versions = query_versions(connection, key, which, limit=_LISTED)
    texts = read_values(connection, key, list({version.digest for version in versions}))
    found = [
        (version, object_in(parsed(texts[version.digest])))
        for version in versions
        if version.digest in texts
    ]
    return sorted(found, key=lambda one: one[0].object_id)


def _max_tokens(value: dict[str, Any]) -> int:
    tokens = value.get("max_tokens")
    return tokens if isinstance(tokens, int) and tokens > 0 else DEFAULT_MAX_TOKENS


def _provider_of(value: dict[str, Any]) -> str:
    try:
        return parse_ref(text_in(value.get("provider")) or "").name or ""
    except BadRef:
        return ""


def _provider(
    version: ObjectVersion, value: dict[str, Any], models: list[ProviderModel]
) -> Provider:
    headers = object_in(value.get("extra_headers"))
    return Provider(
        name=version.object_id,
        base_url=text_in(value.get("base_url")) or "",
        headers={name: text for name, text in headers.items() if isinstance(text, str)},
        api_key_name=text_in(value.get("api_key_name")) or "",
        models=tuple(models),
        digest=version.digest,
        version_index=version.version_index,
        changed_at_us=version.created_at_us,
        changed_by=version.wb_user_id or "",
    )
