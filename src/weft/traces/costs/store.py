"""A project's own prices: made, listed, removed. Every function takes the project, and finds nothing of another one."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, literal, select

from weft.kit.clock import from_us
from weft.traces.costs.schema import PRICE
from weft.traces.costs.types import PROJECT_LEVEL
from weft.traces.query.compile import compile_query, sort_clauses
from weft.traces.query.fields import Field, NumberField, TableFields, TextField, TimeField
from weft.traces.query.listing import Listing, picked
from weft.traces.types import ProjectKey

_NUMBERS = (
    "prompt_token_cost",
    "completion_token_cost",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
)
_WORDS = (
    "id",
    "llm_id",
    "provider_id",
    "prompt_token_cost_unit",
    "completion_token_cost_unit",
    "created_by",
)


class NewPrice(msgspec.Struct, frozen=True):
    """The columns of a price that is made."""

    id: str
    llm_id: str
    provider_id: str
    effective_at_us: int
    prompt_token_cost: float
    completion_token_cost: float
    cache_read_input_token_cost: float
    cache_creation_input_token_cost: float
    prompt_token_cost_unit: str
    completion_token_cost_unit: str
    created_by: str
    created_at_us: int


def insert_prices(connection: Connection, project: ProjectKey, prices: Sequence[NewPrice]) -> None:
    """Add prices."""
    rows = [{"project": project, **msgspec.structs.asdict(price)} for price in prices]
    if rows:
        connection.execute(insert(PRICE), rows)


def list_prices(
    connection: Connection, project: ProjectKey, project_name: str, wanted: Listing
) -> list[dict[str, Any]]:
    """A page of prices as the wire has them; the oldest first.

    Raises:
        UnknownField: the query, the order or the fields name one that prices do not have.
    """
    columns: dict[str, Field] = {name: TextField(PRICE.c[name]) for name in _WORDS}
    columns.update((name, NumberField(PRICE.c[name])) for name in _NUMBERS)
    columns["effective_date"] = TimeField(PRICE.c.effective_at_us)
    columns["created_at"] = TimeField(PRICE.c.created_at_us)
    columns["pricing_level"] = TextField(literal(PROJECT_LEVEL))
    columns["pricing_level_id"] = TextField(literal(project_name))
    fields = TableFields(columns)
    page = (
        select(PRICE)
        .where(PRICE.c.project == project, compile_query(wanted.query, fields))
        .order_by(*sort_clauses(wanted.sort_by, fields), PRICE.c.created_at_us, PRICE.c.id)
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    return [picked(_shown(row, project_name), wanted.fields) for row in connection.execute(page)]


def delete_prices(connection: Connection, project: ProjectKey, ids: Sequence[str]) -> int:
    """Remove prices; how many there were."""
    doomed = delete(PRICE).where(PRICE.c.project == project, PRICE.c.id.in_(ids))
    return connection.execute(doomed).rowcount


def _shown(row: Row[*tuple[Any, ...]], project_name: str) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in (*_WORDS, *_NUMBERS)},
        "effective_date": from_us(row.effective_at_us),
        "created_at": from_us(row.created_at_us),
        "pricing_level": PROJECT_LEVEL,
        "pricing_level_id": project_name,
    }
