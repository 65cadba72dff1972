"""Takes a value in to be published: what it is, what it is called by, and the operation that writes it.

Everything is worked out before the database is asked, so that publishing goes on while that is away.
"""

import asyncio
import json
import re

import msgspec

from weft.kit.errors import WeftError
from weft.traces.canonical import Digested, Scope, digested, text_of
from weft.traces.objects.classes import BadObject, classes_of, kind_of, with_builtin_class
from weft.traces.objects.write import WriteObject
from weft.traces.store import TraceStore

NAME_CHARS = 128
_NAME = re.compile(rf"[\w._-]{{1,{NAME_CHARS}}}")
_IN_THREAD_CHARS = 32_768
"""Longer values are read beside the event loop."""


class DigestMismatch(WeftError):
    """The caller expected another digest than we find."""

    status = 409
    code = "digest_mismatch"
    remedy = "send it again without expected_digest, and use the digest of the answer"

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"the digest is {found}, not {expected[:100]}", param="expected_digest")


class NewObject(msgspec.Struct, kw_only=True):
    """An object to be published, as clients send it."""

    project_id: str = ""
    object_id: str
    val: msgspec.Raw
    builtin_object_class: str | None = None
    set_base_object_class: str | None = None
    """An older word for `builtin_object_class`."""
    expected_digest: str | None = None


async def publish_object(
    store: TraceStore, scope: Scope, new: NewObject, *, user_id: str, at_us: int
) -> WriteObject:
    """Publish an object; what was written, durable when this returns.

    Raises:
        BadObject: its name or its class will not do.
        DigestMismatch: the caller expected another digest.
        SpoolFull: neither database nor disk has room.
    """
    if len(bytes(new.val)) > _IN_THREAD_CHARS:
        op = await asyncio.to_thread(prepared, scope, new, user_id, at_us)
    else:
        op = prepared(scope, new, user_id, at_us)
    await store.writer.write(op)
    return op


def prepared(scope: Scope, new: NewObject, user_id: str, at_us: int) -> WriteObject:
    """The operation that publishes `new`.

    Raises:
        BadObject: its name or its class will not do.
        DigestMismatch: the caller expected another digest.
    """
    if not _NAME.fullmatch(new.object_id):
        raise BadObject(
            f"an object's name has 1 to {NAME_CHARS} letters, digits, dots, dashes and underscores",
            param="object_id",
        )
    text = text_of(new.val)
    found = digested(text, scope)
    name = new.builtin_object_class or new.set_base_object_class
    if name:
        text, found = _as_class(found, name, scope)
    if new.expected_digest and new.expected_digest != found.digest:
        raise DigestMismatch(new.expected_digest, found.digest)
    classes = classes_of(found.value)
    return WriteObject(
        project_id=scope.project_id,
        object_id=new.object_id,
        digest=found.digest,
        val=text,
        kind=kind_of(found.value),
        at_us=at_us,
        base_object_class=classes.base,
        leaf_object_class=classes.leaf,
        wb_user_id=user_id,
        plain_digest=None if found.plain == found.digest else found.plain,
    )


def _as_class(found: Digested, name: str, scope: Scope) -> tuple[str, Digested]:
    value = with_builtin_class(found.value, name)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text, digested(text, scope)
