"""Queries that name rows by their ids and say nothing else: what may be removed for good is named so."""

from weft.traces.query.ast import Among, Compare, Condition, Get, Literal, Operand, Some
from weft.traces.query.parse import BadQuery

IDS = 1000


def ids_of(query: Condition | None) -> list[str]:
    """The ids that a query names: `id` `$eq` one, `$in` several, or an `$or` of such.

    Raises:
        BadQuery: it says anything else, or names too many.
    """
    ids = list(dict.fromkeys(_ids(query)))
    if len(ids) > IDS:
        raise BadQuery(f"at most {IDS} ids at once")
    return ids


def _ids(query: Condition | None) -> list[str]:
    match query:
        case Compare("$eq", Get("id"), other) | Compare("$eq", other, Get("id")):
            return [_text(other)]
        case Among(Get("id"), choices):
            return [_text(choice) for choice in choices]
        case Some(parts) if parts:
            return [one for part in parts for one in _ids(part)]
        case _:
            raise BadQuery("name what is to be removed by its id: $eq, $in, or an $or of them")


def _text(operand: Operand) -> str:
    if isinstance(operand, Literal) and isinstance(operand.value, str):
        return operand.value
    raise BadQuery("an id is a literal text")
