"""What answers may have beside the call itself: costs, feedback, names of users, the size of the whole trace."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, select

from weft.kit.clock import from_us
from weft.traces.calls.facts import usage_of
from weft.traces.costs.book import EMPTY_BOOK, PriceBook
from weft.traces.costs.prices import costs_of, prices_of
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.types import ProjectKey

FEEDBACK_EACH = 1000
"""Of one group of calls; what is beyond is left out."""
_COPIED = (
    *(
        "id",
        "weave_ref",
        "wb_user_id",
        "creator",
        "feedback_type",
        "annotation_ref",
        "runnable_ref",
    ),
    *("call_ref", "trigger_ref", "queue_id"),
)


class Usernames(Protocol):
    """Tells what users are called."""

    def __call__(self, user_ids: Collection[str]) -> Mapping[str, str]:
        """The names of those that there are."""
        ...


def nobody(user_ids: Collection[str]) -> Mapping[str, str]:
    """No names at all."""
    _ = user_ids
    return {}


@dataclass(frozen=True, slots=True)
class Include:
    """Which extras are wanted."""

    costs: bool = False
    feedback: bool = False
    usernames: bool = False
    size: bool = False
    total_size: bool = False


@dataclass(frozen=True, slots=True)
class Extras:
    """The extras of some calls; None where they were not asked for."""

    costs: Mapping[str, Any] | None = None
    feedback: Mapping[str, Sequence[Any]] | None = None
    usernames: Mapping[str, str] = field(default_factory=dict[str, str])
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class ExtrasReader:
    """Where extras come from."""

    book: PriceBook = EMPTY_BOOK
    usernames: Usernames = nobody

    def read(
        self,
        connection: Connection,
        project: ProjectKey,
        project_name: str,
        rows: Sequence[Any],
        include: Include,
        sizes: Mapping[str, int],
    ) -> Extras:
        """The extras of these rows of calls; `sizes` are those of their traces."""
        return Extras(
            costs=self._costs(connection, project, project_name, rows) if include.costs else None,
            feedback=feedback_of(connection, project, [row.id for row in rows])
            if include.feedback
            else None,
            usernames=self.usernames({row.wb_user_id for row in rows if row.wb_user_id})
            if include.usernames
            else {},
            sizes=sizes,
        )

    def _costs(
        self, connection: Connection, project: ProjectKey, project_name: str, rows: Sequence[Any]
    ) -> Mapping[str, Any]:
        usages = {row.id: usage_of(row.summary) for row in rows}
        models = {model for usage in usages.values() for model in usage}
        prices = prices_of(connection, project, models, self.book)
        return {
            row.id: costs_of(usages[row.id], row.started_at_us, prices, project_name)
            for row in rows
        }


def feedback_of(
    connection: Connection, project: ProjectKey, call_ids: Sequence[str]
) -> Mapping[str, Sequence[Any]]:
    """The feedback on each call, oldest first."""
    wanted = (
        select(*(FEEDBACK.c[name] for name in ("call_id", "created_at_us", "payload", *_COPIED)))
        .where(FEEDBACK.c.project == project, FEEDBACK.c.call_id.in_(call_ids))
        .order_by(FEEDBACK.c.created_at_us, FEEDBACK.c.id)
        .limit(FEEDBACK_EACH * max(len(call_ids), 1))
    )
    found: dict[str, list[Any]] = {}
    for row in connection.execute(wanted):
        item = {name: getattr(row, name) for name in _COPIED}
        item["created_at"] = from_us(row.created_at_us)
        item["payload"] = msgspec.Raw(row.payload.encode())
        found.setdefault(row.call_id, []).append(item)
    return found
