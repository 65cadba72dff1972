"""Words that people give to versions: a tag may be on many of them, an alias is on one version of an object."""

import re
from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from weft.kit.bulk import insert as insert_rows
from weft.kit.errors import InvalidRequest
from weft.traces.objects.schema import ALIAS, TAG
from weft.traces.refs import LATEST
from weft.traces.types import ProjectKey

WORDS = 100
"""Of one request."""
WORD_CHARS = 256
LIST_LIMIT = 10_000
_NUMBERED = re.compile(r"v[0-9]+", re.ASCII)
_UNSAFE = re.compile(r"[/:\x00-\x1f\x7f]")


def add_tags(
    connection: Connection, key: ProjectKey, object_id: str, digest: str, tags: Sequence[str]
) -> None:
    """Put tags on a version."""
    columns = ("project", "object_id", "digest", "tag")
    rows = [(key, object_id, digest, tag) for tag in dict.fromkeys(tags)]
    insert_rows(connection, TAG.name, columns, rows, "ON CONFLICT DO NOTHING")


def remove_tags(
    connection: Connection, key: ProjectKey, object_id: str, digest: str, tags: Sequence[str]
) -> None:
    """Take tags from a version, as far as it has them."""
    mine = (TAG.c.project == key, TAG.c.object_id == object_id, TAG.c.digest == digest)
    connection.execute(delete(TAG).where(*mine, TAG.c.tag.in_(tags)))


def set_aliases(
    connection: Connection, key: ProjectKey, object_id: str, digest: str, aliases: Sequence[str]
) -> None:
    """Call a version so from now on, and no other of the object."""
    columns = ("project", "object_id", "alias", "digest")
    rows = [(key, object_id, alias, digest) for alias in dict.fromkeys(aliases)]
    moved = "ON CONFLICT (project, object_id, alias) DO UPDATE SET digest = excluded.digest"
    insert_rows(connection, ALIAS.name, columns, rows, moved)


def remove_aliases(
    connection: Connection, key: ProjectKey, object_id: str, aliases: Sequence[str]
) -> None:
    """Call no version of an object so, as far as one is."""
    mine = (ALIAS.c.project == key, ALIAS.c.object_id == object_id)
    connection.execute(delete(ALIAS).where(*mine, ALIAS.c.alias.in_(aliases)))


def list_tags(connection: Connection, key: ProjectKey) -> list[str]:
    """The tags that a project uses, in order."""
    wanted = select(TAG.c.tag).where(TAG.c.project == key).distinct()
    return list(connection.execute(wanted.order_by(TAG.c.tag).limit(LIST_LIMIT)).scalars())


def list_aliases(connection: Connection, key: ProjectKey) -> list[str]:
    """The aliases that a project uses, in order."""
    wanted = select(ALIAS.c.alias).where(ALIAS.c.project == key).distinct()
    return list(connection.execute(wanted.order_by(ALIAS.c.alias).limit(LIST_LIMIT)).scalars())


def check_words(words: Sequence[str], name: str, *, are_aliases: bool = False) -> None:
    """Raise `InvalidRequest` unless all of `words` may be a tag, or an alias."""
    if len(words) > WORDS:
        raise InvalidRequest(f"{name} has at most {WORDS} of them", param=name)
    for word in words:
        if not 0 < len(word.strip()) <= len(word) <= WORD_CHARS:
            raise InvalidRequest(f"a word of {name} has 1 to {WORD_CHARS} characters", param=name)
        if _UNSAFE.search(word):
            raise InvalidRequest(
                f"{word[:100]!r} has a character that no word of {name} may have", param=name
            )
        if are_aliases and (word == LATEST or _NUMBERED.fullmatch(word)):
            raise InvalidRequest(
                f"{word[:100]!r} already names a version", param=name, remedy="choose another alias"
            )
