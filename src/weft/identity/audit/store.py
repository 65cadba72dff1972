"""The audit log in the database: written once, never changed.

Invariant: an entry commits together with the change that it tells of, or neither does. Secrets never enter: a value
under a secret's name is a mistake of ours, and whatever looks like an API key is cut out of every text.
"""

import json
import re
from datetime import datetime

from sqlalchemy import Connection, Row, Select, and_, func, insert, or_, select

from weft.identity.audit.schema import ENTRY
from weft.identity.audit.types import Actor, Detail, Entry, Page, Value, Wanted
from weft.identity.types import User, UserId
from weft.kit.clock import from_us, to_us
from weft.kit.ids import new_id

PAGE_LIMIT = 200
SUBJECT_LIMIT_CHARS = 300
VALUE_LIMIT_CHARS = 500
DETAIL_LIMIT = 20
"""How many values an entry has, and how many texts a value that is a list."""
CURSOR = r"^[0-9]{1,18}-audit_[0-9a-f]{32}$"

_ACTION = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}")
_KEY = re.compile(r"weft_[0-9A-Za-z]{35}")
_HIDDEN = "(key)"
_SECRETS = frozenset({"api_key", "authorization", "link", "password", "secret", "session", "token"})


def record(
    connection: Connection,
    *,
    by: Actor | User,
    action: str,
    subject: str,
    team: str | None = None,
    detail: Detail | None = None,
    now: datetime,
) -> None:
    """Tell of a change, within its transaction.

    `action` is `<what>.<verb>`, such as `member.remove`; `team` the id of the team that it concerns, whose admins see
    the entry besides those of the server.
    """
    assert _ACTION.fullmatch(action), action
    detail = detail or {}
    assert _SECRETS.isdisjoint(detail), "a secret would enter the audit log"
    assert len(detail) <= DETAIL_LIMIT
    actor = Actor(by.username, by.id) if isinstance(by, User) else by
    connection.execute(
        insert(ENTRY).values(
            id=new_id("audit"),
            at_us=to_us(now),
            by_name=actor.name,
            by_user_id=actor.user_id,
            action=action,
            subject=_text(subject, SUBJECT_LIMIT_CHARS),
            team_id=team,
            detail=json.dumps({name: _bounded(value) for name, value in detail.items()}),
        )
    )


def list_entries(connection: Connection, wanted: Wanted, *, limit: int, cursor: str = "") -> Page:
    """A page of at most `limit` entries that come after `cursor`, which an earlier page named."""
    assert 0 < limit <= PAGE_LIMIT
    query = _filtered(wanted).order_by(ENTRY.c.at_us.desc(), ENTRY.c.id.desc())
    if cursor:
        at_us, _, last = cursor.partition("-")
        same = and_(ENTRY.c.at_us == int(at_us), ENTRY.c.id < last)
        query = query.where(or_(ENTRY.c.at_us < int(at_us), same))
    rows = connection.execute(query.limit(limit + 1)).all()
    end = rows[limit - 1] if len(rows) > limit else None
    return Page(
        [_entry(row) for row in rows[:limit]], None if end is None else f"{end.at_us}-{end.id}"
    )


def count_since(connection: Connection, action: str, team: str, since: datetime) -> int:
    """How often this was done for the team with this id, at `since` or after."""
    same = and_(ENTRY.c.team_id == team, ENTRY.c.at_us >= to_us(since), ENTRY.c.action == action)
    return connection.execute(select(func.count()).select_from(ENTRY).where(same)).scalar_one()


def _filtered(wanted: Wanted) -> Select[*tuple[object, ...]]:
    query = select(ENTRY)
    if wanted.by:
        query = query.where(
            func.lower(ENTRY.c.by_name).contains(wanted.by.lower(), autoescape=True)
        )
    if wanted.action:
        about = ENTRY.c.action.startswith(f"{wanted.action}.", autoescape=True)
        query = query.where(or_(ENTRY.c.action == wanted.action, about))
    if wanted.team_ids is not None:
        query = query.where(ENTRY.c.team_id.in_(wanted.team_ids))
    if wanted.since is not None:
        query = query.where(ENTRY.c.at_us >= to_us(wanted.since))
    if wanted.until is not None:
        query = query.where(ENTRY.c.at_us < to_us(wanted.until))
    return query


def _entry(row: Row[*tuple[object, ...]]) -> Entry:
    return Entry(
        id=row.id,
        at=from_us(row.at_us),
        by=row.by_name,
        by_user_id=None if row.by_user_id is None else UserId(row.by_user_id),
        action=row.action,
        subject=row.subject,
        team_id=row.team_id,
        detail=json.loads(row.detail),
    )


def _bounded(value: Value) -> Value:
    if isinstance(value, str):
        return _text(value, VALUE_LIMIT_CHARS)
    if isinstance(value, list):
        return [_text(one, VALUE_LIMIT_CHARS) for one in value[:DETAIL_LIMIT]]
    return value


def _text(text: str, limit: int) -> str:
    shown = _KEY.sub(_HIDDEN, text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
