"""How a request names an adapter: `model:adapter`, `model:adapter@version`, or the hosted service's artifact.

Pure. The id of a model never holds a colon (`shape.py`), so that a name without one costs nothing here. The artifact's
form is that of the hosted service's guide to LoRA (read 2026-11).
"""

import re

from weft.catalog.adapters.types import ARTIFACT_PREFIX, LATEST, Adapter, AdapterName

MAX_NAME_CHARS = 600
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
PART = re.compile(_PART)
"""A team, a project, an adapter, a version or an alias."""
_ARTIFACT = re.compile(rf"({_PART})/({_PART})/({_PART})(?::({_PART}))?")
_SUFFIX = re.compile(rf"({_PART})(?:@({_PART}))?")


def may_name_adapter(model: str) -> bool:
    """Whether `model` can only be an adapter: asked of every request."""
    return ":" in model


def parse_name(model: str) -> AdapterName | None:
    """The adapter that `model` names; None where it is no such name."""
    if len(model) > MAX_NAME_CHARS:
        return None
    if model.startswith(ARTIFACT_PREFIX):
        found = _ARTIFACT.fullmatch(model.removeprefix(ARTIFACT_PREFIX))
        if found is None:
            return None
        team, project, name, version = found.groups()
        return AdapterName(name, version or LATEST, team=team, project=project)
    base, _, suffix = model.partition(":")
    found = _SUFFIX.fullmatch(suffix)
    if found is None or not base:
        return None
    return AdapterName(found[1], found[2] or LATEST, base=base)


def short_name(base: str, adapter: Adapter) -> str:
    """`model:adapter`: the latest version, called from the adapter's own project."""
    return f"{base}:{adapter.name}"


def names_of(base: str, adapter: Adapter, project: str) -> tuple[str, ...]:
    """Every name that a request of `project`, in the adapter's team, may use for it; what keys can be restricted to.

    A short name means the adapter of one's own project, so it is no name of another project's.
    """
    labels = (adapter.version, *adapter.aliases)
    names: list[str] = []
    if not adapter.team or adapter.project == project:
        short = short_name(base, adapter)
        names += [short, *(f"{short}@{label}" for label in labels)]
    if adapter.team:
        place = ARTIFACT_PREFIX + adapter.place
        names += [place, *(f"{place}:{label}" for label in labels)]
    return tuple(names)
