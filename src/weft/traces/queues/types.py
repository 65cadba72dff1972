"""The nouns of annotation queues, and what goes wrong with them."""

from dataclasses import dataclass
from enum import StrEnum

from weft.kit.errors import InvalidRequest, NotFound


class State(StrEnum):
    """How far an item is."""

    UNSTARTED = "unstarted"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    SKIPPED = "skipped"


DONE = frozenset({State.COMPLETED, State.SKIPPED})


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, which is deleted by a mark."""

    id: str
    name: str
    description: str
    scorer_refs: tuple[str, ...]
    """What is to be judged: references to annotation specs."""
    created_by: str
    created_at_us: int
    updated_at_us: int
    deleted_at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A call in a queue, as it was when it was added, and how far people are with it."""

    id: str
    queue_id: str
    call_id: str
    call_started_at_us: int
    call_ended_at_us: int | None
    call_op_name: str
    call_trace_id: str
    display_fields: tuple[str, ...]
    added_by: str
    created_at_us: int
    state: State
    """That of whoever was at it last."""
    annotator_id: str | None
    updated_at_us: int
    position: int | None = None
    """In the whole queue, from 1, in the order that was asked for."""


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items are wanted; None and empty are no condition."""

    id: str | None = None
    call_id: str | None = None
    call_op_name: str | None = None
    call_trace_id: str | None = None
    added_by: str | None = None
    states: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list, and in which order: fields with `asc` or `desc`."""

    order: tuple[tuple[str, bool], ...] = ()
    """Name of a field, and whether it descends."""
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class QueueStats:
    """How many items a queue has, and how many of them anybody has done with."""

    queue_id: str
    total_items: int
    completed_items: int


class NoSuchQueue(NotFound):
    """There is no such queue in the project, or it was deleted."""

    code = "no_such_queue"
    remedy = "POST /annotation_queues/query lists the project's queues"

    def __init__(self, queue_id: str) -> None:
        super().__init__(f"there is no annotation queue {queue_id[:64]} here")


class NoSuchItem(NotFound):
    """There is no such item in the queue."""

    code = "no_such_item"
    remedy = "POST /annotation_queues/{queue_id}/items/query lists the queue's items"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"there is no item {item_id[:64]} in this annotation queue")


class BadProgress(InvalidRequest):
    """An annotator cannot go from the one state to the other."""

    code = "invalid_progress"
    remedy = "an item is started once, and completed or skipped once"
