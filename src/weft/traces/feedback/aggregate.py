"""`/feedback/aggregate`: tags counted and ratings added up, by time and by who scored or was scored.

Shapes and meaning: the Weave trace server's API (client 0.54). Ratings come as sums and counts, so that averages over
several buckets can be made. Buckets that nothing fell into are left out.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from weft.kit.errors import InvalidRequest
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.feedback.window import is_one_of, name_of, rows_between
from weft.traces.json_text import load
from weft.traces.refs import find_ref
from weft.traces.types import ProjectKey

RATING = "_rating_"
"""The rating that `rating_min` and `rating_max` are about: that of agents' monitors."""
VALUES = 1000
"""In one filter."""
GROUPS = 10_000
_LATEST_MS = 1 << 52
_COLUMNS = (
    FEEDBACK.c.weave_ref,
    FEEDBACK.c.feedback_type,
    FEEDBACK.c.runnable_ref,
    FEEDBACK.c.trigger_ref,
    FEEDBACK.c.scorer_tags,
    FEEDBACK.c.scorer_ratings,
    FEEDBACK.c.span_agent_name,
    FEEDBACK.c.span_agent_version,
    FEEDBACK.c.span_status_code,
)


class AggregateBody(msgspec.Struct):
    """What is to be added up; empty lists are no condition."""

    project_id: str
    after_ms: int
    before_ms: int
    feedback_types: list[str] = []
    group_by: list[
        Literal["scorer_id", "span_agent_name", "span_agent_version", "span_status_code"]
    ] = []
    monitor_ids: list[str] = []
    scorer_ids: list[str] = []
    span_agent_names: list[str] = []
    span_types: list[Literal["agent_turn", "agent_conversation"]] = []
    tags: list[str] = []
    rating_min: float | None = None
    rating_max: float | None = None
    time_bucket_seconds: int | None = None


class Bucket(msgspec.Struct):
    """One stretch of time, and one group in it."""

    time_bucket_start_ms: int | None
    group: dict[str, str]
    total_count: int = 0
    scored_count: int = 0
    tag_counts: dict[str, int] = {}
    rating_counts: dict[str, int] = {}
    rating_sums: dict[str, float] = {}


def check_bounds(body: AggregateBody) -> None:
    """Raise `InvalidRequest` if something is out of bounds."""
    if not 0 <= body.after_ms <= body.before_ms <= _LATEST_MS:
        raise InvalidRequest("after_ms comes before before_ms", param="after_ms")
    if body.time_bucket_seconds is not None and body.time_bucket_seconds < 1:
        raise InvalidRequest("a bucket has a second or more", param="time_bucket_seconds")
    lists: dict[str, Sequence[str]] = {
        "feedback_types": body.feedback_types,
        "monitor_ids": body.monitor_ids,
        "scorer_ids": body.scorer_ids,
        "span_agent_names": body.span_agent_names,
        "tags": body.tags,
    }
    for name, values in lists.items():
        if len(values) > VALUES:
            raise InvalidRequest(f"{name} has at most {VALUES} entries", param=name)


def aggregate(connection: Connection, project: ProjectKey, body: AggregateBody) -> list[Bucket]:
    """The buckets, by time and then by group; one empty one where all is added up and there is nothing.

    Raises:
        InvalidRequest: there is too much to add up, or too many groups.
    """
    buckets: dict[tuple[int | None, tuple[str, ...]], Bucket] = {}
    if body.time_bucket_seconds is None and not body.group_by:
        buckets[None, ()] = Bucket(None, {})
    rows = rows_between(connection, project, body.after_ms * 1000, body.before_ms * 1000, _COLUMNS)
    for row in rows:
        tags: list[str] = load(row.scorer_tags)
        ratings: dict[str, float] = load(row.scorer_ratings)
        if not _is_meant(row, body, tags, ratings):
            continue
        start_ms = None
        if body.time_bucket_seconds is not None:
            step_us = body.time_bucket_seconds * 1_000_000
            start_ms = row.created_at_us // step_us * step_us // 1000
        group = {name: _dimension(row, name) for name in body.group_by}
        key = (start_ms, tuple(group.values()))
        bucket = buckets.get(key)
        if bucket is None:
            if len(buckets) == GROUPS:
                raise InvalidRequest(f"these are more than {GROUPS} groups", param="group_by")
            bucket = buckets[key] = Bucket(start_ms, group)
        _add(bucket, tags, ratings)
    return [buckets[key] for key in sorted(buckets, key=lambda key: (key[0] or 0, key[1]))]


def _is_meant(
    row: Any, body: AggregateBody, tags: Sequence[str], ratings: dict[str, float]
) -> bool:
    kinds = tuple(kind.rstrip("*") for kind in body.feedback_types)
    if kinds and not row.feedback_type.startswith(kinds):
        return False
    if body.monitor_ids and not is_one_of(body.monitor_ids, row.trigger_ref):
        return False
    if body.scorer_ids and not is_one_of(body.scorer_ids, row.runnable_ref):
        return False
    if body.span_agent_names and row.span_agent_name not in body.span_agent_names:
        return False
    if body.span_types and _kind_of(row.weave_ref) not in body.span_types:
        return False
    if body.tags and not set(body.tags) & set(tags):
        return False
    if body.rating_min is None and body.rating_max is None:
        return True
    rating = ratings.get(RATING)
    return (
        rating is not None
        and (body.rating_min is None or rating >= body.rating_min)
        and (body.rating_max is None or rating <= body.rating_max)
    )


def _kind_of(ref: str) -> str:
    found = find_ref(ref)
    return "" if found is None else found.kind.value


def _dimension(row: Any, name: str) -> str:
    return name_of(row.runnable_ref) if name == "scorer_id" else getattr(row, name)


def _add(bucket: Bucket, tags: Sequence[str], ratings: dict[str, float]) -> None:
    bucket.total_count += 1
    bucket.scored_count += bool(tags or ratings)
    for tag in tags:
        bucket.tag_counts[tag] = bucket.tag_counts.get(tag, 0) + 1
    for name, rating in ratings.items():
        bucket.rating_counts[name] = bucket.rating_counts.get(name, 0) + 1
        bucket.rating_sums[name] = bucket.rating_sums.get(name, 0.0) + rating
