"""From a query to SQL: to a condition for WHERE, and to clauses for ORDER BY. What it means is told in `evaluate`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Double,
    String,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    true,
)
from sqlalchemy.types import TypeEngine

from weft.kit.dialects.texts import fold, pattern
from weft.kit.errors import InvalidRequest
from weft.traces.query import sql
from weft.traces.query.ast import (
    All,
    Among,
    Compare,
    Condition,
    Contains,
    Convert,
    Get,
    Holds,
    Literal,
    Not,
    Operand,
    Order,
    Size,
    Some,
)
from weft.traces.query.evaluate import ORDERS, TRUTHS, contains, convert, json_piece, moment_us
from weft.traces.query.fields import (
    Field,
    Fields,
    JsonField,
    ManyField,
    NoField,
    NumberField,
    TextField,
    TimeField,
    TruthField,
)

SORTS = 16
_DOUBLE: TypeEngine[Any] = Double()
_SPLIT = re.compile(r'[^ -~]|["\\/]')
"""Where the text of a literal may be written differently inside JSON."""
_NEEDLE = 3
"""Characters that a piece must have to be worth looking for before JSON is read."""


class SortBy(msgspec.Struct, frozen=True):
    """One item of `sort_by`."""

    field: str
    direction: str = "asc"

    @property
    def ascending(self) -> bool:
        """Which way round.

        Raises:
            InvalidRequest: neither.
        """
        if self.direction not in {"asc", "desc"}:
            raise InvalidRequest("a direction is asc or desc", param="sort_by")
        return self.direction == "asc"


def compile_query(query: Condition | None, fields: Fields) -> ColumnElement[bool]:
    """The condition that a row has to meet.

    Raises:
        UnknownField: it asks for a field that there is none of.
        BadPath: it has a path that cannot be read.
    """
    return true() if query is None else _Compiler(fields).condition(query)


def sort_clauses(sorts: Sequence[SortBy], fields: Fields) -> list[ColumnElement[Any]]:
    """Clauses for ORDER BY: numbers come first, then texts and truth values, then what is neither or absent.

    They do so in both directions. A tie-break is up to the caller.

    Raises:
        UnknownField: there is no such field.
        InvalidRequest: there are too many, or a direction is neither asc nor desc.
    """
    if len(sorts) > SORTS:
        raise InvalidRequest(f"sort_by has at most {SORTS} fields", param="sort_by")
    clauses: list[ColumnElement[Any]] = []
    for sort in sorts:
        for key in _sort_keys(fields.find(sort.field)):
            clause = key.asc() if sort.ascending else key.desc()
            is_whole = getattr(key, "nullable", True) is False
            clauses.append(clause if is_whole else clause.nulls_last())
    return clauses


def _sort_keys(field: Field) -> list[ColumnElement[Any]]:
    match field:
        case TextField(column) | NumberField(column) | TimeField(column):
            return [column]
        case TruthField(column):
            return [case((column, literal("true")), else_=literal("false"))]
        case JsonField(text, steps):
            number, truth = sql.JsonNumber(text, steps), sql.JsonTruth(text, steps)
            words = case((truth == true(), "true"), (truth == false(), "false"))
            # Of a number nothing else is read: that is most of the work, where there are many.
            rest = case((number.is_(None), func.coalesce(sql.JsonText(text, steps), words)))
            return [number, rest]
        case ManyField(one, _, first):
            return [first(key) for key in _sort_keys(one)]
        case NoField():
            return []


@dataclass(frozen=True, slots=True)
class _Typed:
    """An operand as each kind that it may be; None where it can never be one."""

    number: ColumnElement[Any] | None = None
    text: ColumnElement[Any] | None = None
    truth: ColumnElement[Any] | None = None
    moment: ColumnElement[Any] | None = None
    json: JsonField | None = None
    some: Callable[[ColumnElement[bool]], ColumnElement[bool]] | None = None
    whole: bool = False
    """Whether it is never null."""

    def any(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether a condition on it holds, for any of the rows that it may come from."""
        return condition if self.some is None else self.some(condition)

    def exists(self) -> ColumnElement[bool]:
        """Whether it is anything but null, in one row."""
        if self.whole:
            return true()
        if self.json is not None:
            return sql.JsonExists(self.json.text, self.json.steps)
        views = (self.number, self.text, self.truth, self.moment)
        return or_(false(), *(view.is_not(None) for view in views if view is not None))


_Side = Literal | _Typed


class _Compiler:
    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def condition(self, node: Condition) -> ColumnElement[bool]:
        match node:
            case All(parts):
                return and_(true(), *map(self.condition, parts))
            case Some(parts):
                return or_(false(), *map(self.condition, parts))
            case Not(part):
                return not_(_known(self.condition(part)))
            case Compare(order, left, right):
                return _compare(order, self._side(left), self._side(right))
            case Among(left, choices):
                return self._among(self._side(left), [self._side(choice) for choice in choices])
            case Contains(inner, piece, ignore_case):
                return _contains(self._side(inner), piece, ignore_case=ignore_case)
            case Holds(operand):
                return _compare("$eq", self._side(operand), Literal(True))  # noqa: FBT003 - a value

    def _side(self, node: Operand) -> _Side:
        match node:
            case Literal():
                return node
            case Get(path):
                return _typed(self._fields.find(path))
            case Convert(inner, to):
                return _converted(self._side(inner), to)
            case Size(inner):
                side = self._side(inner)
                if isinstance(side, Literal) or side.json is None:
                    return _Typed()
                return _Typed(number=sql.JsonSize(side.json.text, side.json.steps), some=side.some)
            case _:
                return _Typed(truth=_known(self.condition(node)), whole=True)

    def _among(self, left: _Side, choices: list[_Side]) -> ColumnElement[bool]:
        """A list of plain texts or numbers is one condition; everything else is several."""
        conditions: list[ColumnElement[bool]] = []
        if isinstance(left, _Typed) and left.moment is None:
            texts = [
                c.value for c in choices if isinstance(c, Literal) and isinstance(c.value, str)
            ]
            if left.text is not None and len(texts) > 1:
                conditions.append(left.any(left.text.in_(texts)))
                choices = [c for c in choices if not _is_text(c)]
        conditions += [_compare("$eq", left, choice) for choice in choices]
        return or_(false(), *conditions)


def _typed(field: Field) -> _Typed:
    match field:
        case TextField(column):
            return _Typed(text=column, whole=_is_whole(column))
        case NumberField(column):
            return _Typed(number=column, whole=_is_whole(column))
        case TruthField(column):
            return _Typed(truth=column)
        case TimeField(column):
            seconds = column / literal(1_000_000.0, _DOUBLE)
            return _Typed(number=seconds, moment=column, whole=_is_whole(column))
        case JsonField(text, steps):
            number, words = sql.JsonNumber(text, steps), sql.JsonText(text, steps)
            return _Typed(number, words, sql.JsonTruth(text, steps), json=field)
        case ManyField(one, some, _):
            return replace(_typed(one), some=some, whole=False)
        case NoField():
            return _Typed()


def _is_whole(column: ColumnElement[Any]) -> bool:
    return getattr(column, "nullable", True) is False


def _is_text(side: _Side) -> bool:
    return isinstance(side, Literal) and isinstance(side.value, str)


def _known(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition that is false where it was unknown."""
    return func.coalesce(condition, false(), type_=Boolean())


def _compare(order: Order, left: _Side, right: _Side) -> ColumnElement[bool]:
    for one, other in ((left, right), (right, left)):
        if one == Literal(None):
            return _is_null(other) if order == "$eq" else false()
    if isinstance(left, Literal) and isinstance(right, Literal):
        return _constant(order, left, right)
    left, right = _as_moments(left, right)
    conditions: list[ColumnElement[bool]] = []
    for one, other in _views(left, right):
        if one is not None and other is not None:
            conditions.append(ORDERS[order](one, other))
    found = or_(false(), *conditions)
    if order == "$eq":
        found = _with_needle(found, left, right)
    for side in (right, left):
        found = side.any(found) if isinstance(side, _Typed) else found
    if order == "$eq" and Literal("") in (left, right):
        # So do clients ask for calls without such feedback: what is nowhere is empty.
        many = (side for side in (left, right) if isinstance(side, _Typed) and side.some)
        found = or_(found, *(_is_null(side) for side in many))
    return found


def _constant(order: Order, left: Literal, right: Literal) -> ColumnElement[bool]:
    kinds = [str if isinstance(s.value, str) else isinstance(s.value, bool) for s in (left, right)]
    holds = kinds[0] == kinds[1] and ORDERS[order](left.value, right.value)
    return true() if holds else false()


def _as_moments(left: _Side, right: _Side) -> tuple[_Side, _Side]:
    """The sides, where a literal that is compared with a time has become one."""
    if isinstance(left, _Typed) and left.moment is not None and isinstance(right, Literal):
        return _Typed(number=left.moment, some=left.some), Literal(moment_us(right.value))
    if isinstance(right, _Typed) and right.moment is not None and isinstance(left, Literal):
        return Literal(moment_us(left.value)), _Typed(number=right.moment, some=right.some)
    return left, right


def _views(left: _Side, right: _Side) -> list[tuple[Any, Any]]:
    one = _literal(left) if isinstance(left, Literal) else left
    other = _literal(right) if isinstance(right, Literal) else right
    if one.moment is not None and other.moment is not None:
        return [(one.moment, other.moment)]
    return [(one.number, other.number), (one.text, other.text), (one.truth, other.truth)]


def _literal(side: Literal) -> _Typed:
    match side.value:
        case None:
            return _Typed()
        case bool():
            return _Typed(truth=literal(side.value, Boolean()))
        case int():
            return _Typed(number=literal(side.value, BigInteger()))
        case float():
            return _Typed(number=literal(side.value, _DOUBLE))
        case str():
            return _Typed(text=literal(side.value, String()))


def _with_needle(found: ColumnElement[bool], left: _Side, right: _Side) -> ColumnElement[bool]:
    """The same condition, after a cheap look for the literal's text in JSON that has not been read yet."""
    for one, other in ((left, right), (right, left)):
        if not isinstance(one, _Typed) or one.json is None or not isinstance(other, Literal):
            continue
        if isinstance(other.value, str):
            needle = max(_SPLIT.split(other.value), key=len)
            if len(needle) >= _NEEDLE:
                return and_(sql.HasPiece(one.json.text, literal(needle, String())), found)
    return found


def _is_null(side: _Side) -> ColumnElement[bool]:
    if isinstance(side, Literal):
        return true() if side.value is None else false()
    return not_(side.any(side.exists()))


def _contains(side: _Side, piece: str, *, ignore_case: bool) -> ColumnElement[bool]:
    if isinstance(side, Literal):
        return true() if contains(side.value, piece, ignore_case) else false()
    if side.json is None:
        text = _as_text(side)
        return false() if text is None else side.any(_has(text, piece, ignore_case))
    text = sql.JsonString(side.json.text, side.json.steps)
    inside = json_piece(piece)
    found = _has(text, piece, ignore_case)
    if inside != piece:
        nested = sql.JsonIsNested(side.json.text, side.json.steps)
        found = case((nested, _has(text, inside, ignore_case)), else_=found)
    elif not _SPLIT.search(piece):
        found = and_(_has(side.json.text, piece, ignore_case), found)
    near = None if side.json.narrow is None else side.json.narrow(piece)
    return side.any(found if near is None else and_(near, found))


def _has(text: ColumnElement[Any], piece: str, ignore_case: bool) -> ColumnElement[bool]:  # noqa: FBT001
    if not ignore_case:
        return sql.HasPiece(text, literal(piece, String()))
    folded = literal(fold(piece), String())
    if piece.isascii():
        return sql.HasAsciiPiece(text, folded)
    return sql.HasFoldedPiece(text, folded, literal(pattern(piece), String()))


def _converted(side: _Side, to: Any) -> _Side:
    if isinstance(side, Literal):
        return Literal(convert(side.value, to))
    some = side.some
    if to == "exists":
        here = literal(True, Boolean()) if side.whole else side.exists()  # noqa: FBT003 - a value
        return _Typed(truth=here, some=some)
    if to == "string":
        return _Typed(text=_as_text(side), some=some)
    if to == "bool":
        return _Typed(truth=_as_truth(side), some=some)
    parts: list[ColumnElement[Any]] = [] if side.number is None else [side.number]
    if side.truth is not None:
        parts.append(case((side.truth == true(), 1), (side.truth == false(), 0)))
    if side.text is not None:
        parts.append(sql.TextNumber(side.text))
    if not parts:
        return _Typed()
    number = parts[0] if len(parts) == 1 else func.coalesce(*parts, type_=Double())
    return _Typed(number=sql.Truncated(number) if to == "int" else number, some=some)


def _as_text(side: _Typed) -> ColumnElement[Any] | None:
    if side.json is not None:
        return sql.JsonString(side.json.text, side.json.steps)
    if side.moment is not None:
        return None
    parts: list[ColumnElement[Any]] = [] if side.text is None else [side.text]
    if side.number is not None:
        parts.append(sql.Decimal(side.number))
    if side.truth is not None:
        parts.append(case((side.truth == true(), "true"), (side.truth == false(), "false")))
    return func.coalesce(*parts, type_=String()) if len(parts) > 1 else next(iter(parts), None)


def _as_truth(side: _Typed) -> ColumnElement[Any] | None:
    parts: list[ColumnElement[Any]] = [] if side.truth is None else [side.truth]
    if side.number is not None:
        parts.append(side.number != 0)
    if side.text is not None:
        words = [(side.text == word, literal(said, Boolean())) for word, said in TRUTHS.items()]
        parts.append(case(*words))
    return func.coalesce(*parts, type_=Boolean()) if len(parts) > 1 else next(iter(parts), None)
