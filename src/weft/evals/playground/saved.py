"""Saved models: a model with its settings, as a versioned object of the Weave client's `LLMStructuredCompletionModel`.

The value is what the client's own class makes of itself (client 0.54), so that `weave.ref(...).get()` gives a model
that predicts. What clients saved is read as far as it is understood.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from weft.evals.playground.wire import SavedModel, SavedParams, SavedWanted
from weft.evals.published.nouns import object_id
from weft.evals.shelf import Shelf
from weft.evals.values import list_in, object_in, text_in
from weft.identity.projects.gate import Visitor
from weft.kit.clock import to_us
from weft.kit.errors import WeftError
from weft.traces.canonical import parsed
from weft.traces.objects.errors import NoSuchObject
from weft.traces.objects.read import (
    ObjectFilter,
    ObjectVersion,
    Sort,
    find_version,
    query_versions,
    read_values,
)
from weft.traces.objects.write import delete_versions
from weft.traces.refs import object_ref
from weft.traces.types import ProjectKey

CLASS = "LLMStructuredCompletionModel"
MAX_LISTED = 200
_BASES = ["Model", "Object", "BaseModel"]
_PARAMS = "LLMStructuredCompletionModelDefaultParams"
_MESSAGE = ("role", "content", "name", "function_call", "tool_call_id")
"""The fields of the client's messages; it knows all of them by name."""
_MARKS = frozenset({"_type", "_class_name", "_bases"})

Found = list[tuple[ObjectVersion, dict[str, Any]]]


async def save(shelf: Shelf, visitor: Visitor, wanted: SavedWanted) -> SavedModel:
    """Save a version; the same again is the same version."""
    id_ = object_id(wanted.name, "model")
    await shelf.publish(visitor, id_, value_of(wanted))
    return await load(shelf, visitor, id_, "latest")


async def load(shelf: Shelf, visitor: Visitor, id_: str, version: str) -> SavedModel:
    """One version, by digest, `latest`, `v<N>` or an alias.

    Raises:
        NoSuchObject: there is none.
    """

    def find(connection: Connection, key: ProjectKey) -> Found:
        one = find_version(connection, key, id_, version)
        is_there = one is not None and one.deleted_at_us is None
        return _with_values(connection, key, [one] if one is not None and is_there else [])

    found = await shelf.store.read(visitor.project_id, find, empty=Found())
    if not found or found[0][0].base_object_class != "Model":
        raise shelf.store.missing(NoSuchObject(id_, version))
    return _told(visitor, *found[0])


async def latest(shelf: Shelf, visitor: Visitor) -> list[SavedModel]:
    """The latest version of every saved model, the newest first."""
    which = ObjectFilter(leaf_object_classes=[CLASS], latest_only=True, is_op=False)
    return await _query(shelf, visitor, which)


async def versions(shelf: Shelf, visitor: Visitor, id_: str) -> list[SavedModel]:
    """All versions of a saved model, the newest first."""
    which = ObjectFilter(leaf_object_classes=[CLASS], object_ids=[id_], is_op=False)
    return await _query(shelf, visitor, which)


async def remove(shelf: Shelf, visitor: Visitor, id_: str) -> None:
    """Remove a saved model with all its versions.

    Raises:
        NoSuchObject: there is none.
    """
    await load(shelf, visitor, id_, "latest")
    at_us = to_us(shelf.clock.now())
    await shelf.store.change(
        visitor.project_id, lambda c, key: delete_versions(c, key, id_, None, at_us)
    )


async def _query(shelf: Shelf, visitor: Visitor, which: ObjectFilter) -> list[SavedModel]:
    newest = [Sort("created_at", "desc"), Sort("version_index", "desc")]

    def find(connection: Connection, key: ProjectKey) -> Found:
        found = query_versions(connection, key, which, newest, limit=MAX_LISTED)
        return _with_values(connection, key, found)

    found = await shelf.store.read(visitor.project_id, find, empty=Found())
    return [_told(visitor, version, value) for version, value in found]


def _with_values(connection: Connection, key: ProjectKey, found: Sequence[ObjectVersion]) -> Found:
    texts = read_values(connection, key, list({version.digest for version in found}))
    return [
        (version, object_in(parsed(texts[version.digest])))
        for version in found
        if version.digest in texts
    ]


def value_of(wanted: SavedWanted) -> dict[str, Any]:
    """The object of a saved model, as the client's class makes it of itself."""
    params = wanted.default_params.model_dump(exclude_none=True)
    template = params.pop("messages_template")
    return {
        "_type": CLASS,
        "name": wanted.name,
        "description": None,
        "llm_model_id": wanted.llm_model_id,
        "default_params": {
            "_type": _PARAMS,
            "messages_template": [
                {"_type": "Message", **dict.fromkeys(_MESSAGE), **message} for message in template
            ],
            **params,
            "_class_name": _PARAMS,
            "_bases": ["BaseModel"],
        },
        "_class_name": CLASS,
        "_bases": _BASES,
    }


def _told(visitor: Visitor, version: ObjectVersion, value: dict[str, Any]) -> SavedModel:
    return SavedModel(
        object_id=version.object_id,
        name=text_in(value.get("name")) or version.object_id,
        digest=version.digest,
        version_index=version.version_index,
        ref=object_ref(visitor.name, version.object_id, version.digest),
        created_at=version.created_at,
        llm_model_id=text_in(value.get("llm_model_id")) or "",
        default_params=_params(object_in(value.get("default_params"))),
    )


def _params(value: dict[str, Any]) -> SavedParams:
    """The settings, as far as they are understood: one that is not is left out, the others stay."""
    template = [
        {
            name: part
            for name, part in object_in(message).items()
            if name not in _MARKS and part is not None
        }
        for message in list_in(value.get("messages_template"))
    ]
    known: dict[str, Any] = {"messages_template": template}
    for name in SavedParams.model_fields:
        if name != "messages_template" and value.get(name) is not None:
            try:
                SavedParams.model_validate({name: value[name]})
            except ValidationError:
                continue
            known[name] = value[name]
    try:
        return SavedParams.model_validate(known)
    except (ValidationError, WeftError):
        return SavedParams()
