"""A monitor in words and figures, put together from its object and from what is known of its work. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from weft.evals.monitors.types import Pause, Rule, Spec, Standing
from weft.evals.monitors.wire import (
    MonitorInfo,
    MonitorRule,
    MonitorScorer,
    MonitorState,
    ScoreFigure,
)
from weft.kit.clock import from_us


@dataclass(frozen=True, slots=True)
class Found:
    """A monitor with what is known of its work."""

    spec: Spec
    val: str
    standing: Standing | None
    waiting: int
    recent: list[ScoreFigure]


def told(
    found: Found, scorers: Sequence[MonitorScorer], names: Mapping[str, str], day: str
) -> MonitorInfo:
    """A monitor in words and figures."""
    spec, standing = found.spec, found.standing
    pause, state = Pause.NONE, MonitorState.STARTING
    if not spec.is_active:
        pause, state = Pause.OFF, MonitorState.OFF
    elif standing is not None and standing.digest == spec.digest:
        pause = standing.pause
        state = MonitorState.PAUSED if pause is not Pause.NONE else MonitorState.RUNNING
    told_at = standing.told if standing else {}
    return MonitorInfo(
        name=spec.name,
        digest=spec.digest,
        description=spec.description,
        active=spec.is_active,
        state=state,
        pause=pause,
        reason=standing.reason if standing and pause is not Pause.NONE else "",
        paused_at=_moment(
            standing.paused_at_us if standing and state is MonitorState.PAUSED else 0
        ),
        sampling_rate=spec.sampling,
        op_names=list(spec.op_names),
        query=spec.query,
        scorers=list(scorers),
        asks_models=any(one.model for one in scorers),
        budget_nusd=str(standing.budget_nusd if standing else 0),
        is_granted=standing is not None and standing.may_spend(spec.digest),
        spent_today_nusd=str(standing.spent_on(day) if standing else 0),
        granted_by=names.get(standing.granted_by, "") if standing else "",
        published_by=names.get(spec.published_by, ""),
        published_at=from_us(spec.published_at_us),
        seen=standing.seen if standing else 0,
        judged=standing.judged if standing else 0,
        failed=standing.failed if standing else 0,
        skipped=standing.skipped if standing else 0,
        waiting=found.waiting,
        last_error=standing.last_error if standing else "",
        last_error_at=_moment(standing.last_error_at_us if standing else 0),
        rules=[
            _rule_info(rule, told_at[rule.id].at_us if rule.id in told_at else 0)
            for rule in (standing.rules if standing else ())
        ],
        recent=found.recent,
    )


def _rule_info(rule: Rule, told_at_us: int) -> MonitorRule:
    return MonitorRule(**msgspec.structs.asdict(rule), told_at=_moment(told_at_us))


def _moment(stamp_us: int) -> datetime | None:
    return from_us(stamp_us) if stamp_us else None
