"""All SQL of the keys of custom providers. Plain functions that take a `Connection`; transactions are the caller's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from weft.evals.providers.schema import PROVIDER_KEY


@dataclass(frozen=True, slots=True)
class SealedKey:
    """The key of one provider, as it is kept."""

    project_id: str
    provider: str
    origin: str
    sealed: bytes
    set_at_us: int
    set_by: str


def put_key(connection: Connection, key: SealedKey) -> None:
    """Keep a key, in the place of one that was there."""
    delete_key(connection, key.project_id, key.provider)
    connection.execute(
        insert(PROVIDER_KEY).values(
            project_id=key.project_id,
            provider=key.provider,
            origin=key.origin,
            sealed=key.sealed,
            set_at_us=key.set_at_us,
            set_by=key.set_by,
        )
    )


def find_key(connection: Connection, project_id: str, provider: str) -> SealedKey | None:
    """The key of a provider, if it has one."""
    found = select(PROVIDER_KEY).where(
        PROVIDER_KEY.c.project_id == project_id, PROVIDER_KEY.c.provider == provider
    )
    row = connection.execute(found).one_or_none()
    return None if row is None else _key(row)


def list_keys(connection: Connection, project_id: str) -> Sequence[SealedKey]:
    """The keys of a project."""
    found = select(PROVIDER_KEY).where(PROVIDER_KEY.c.project_id == project_id)
    return [_key(row) for row in connection.execute(found)]


def delete_key(connection: Connection, project_id: str, provider: str) -> None:
    """Forget a key. Idempotent."""
    connection.execute(
        delete(PROVIDER_KEY).where(
            PROVIDER_KEY.c.project_id == project_id, PROVIDER_KEY.c.provider == provider
        )
    )


def _key(row: Row[*tuple[Any, ...]]) -> SealedKey:
    return SealedKey(
        row.project_id, row.provider, row.origin, row.sealed, row.set_at_us, row.set_by
    )
