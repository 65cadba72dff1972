"""Batches as the routes tell them."""

import json
from collections.abc import Mapping

from weft.evals.batches import store
from weft.evals.batches.store import Batch, Run
from weft.evals.batches.wire import BatchState, EvalBatch, EvalRun, RunState
from weft.evals.batches.work import RESUME, Session
from weft.evals.calls import now_us
from weft.evals.providers.types import unpriced
from weft.kit.clock import from_us


def told(batch: Batch, session: Session | None, answered: Mapping[str, int]) -> EvalBatch:
    """A batch; `session` is this process's work on it, `answered` how many questions were answered, by batch."""
    state, reason, remedy = batch.state, batch.reason, batch.remedy
    if batch.is_orphan:
        state, reason, remedy = store.STOPPED, store.GONE, RESUME
    return EvalBatch(
        id=batch.id,
        name=batch.name,
        description=batch.description,
        evaluation_ref=batch.evaluation_ref,
        budget_nusd=None if batch.budget_nusd is None else str(batch.budget_nusd),
        spent_nusd=str(batch.spent_nusd),
        held_nusd=str(batch.held_nusd),
        state=_batch_state(state),
        reason=reason,
        remedy=remedy,
        is_resumable=state not in {store.RUNNING, store.DONE},
        unpriced_models=_unpriced(batch),
        questions_done=answered.get(batch.id, 0),
        questions_total=batch.questions_total,
        runs=[_run(batch, run, session) for run in batch.runs],
        created_at=from_us(batch.created_at_us),
        ended_at=None if batch.ended_at_us is None else from_us(batch.ended_at_us),
        by=batch.by,
    )


def _unpriced(batch: Batch) -> list[str]:
    """Of batches that were started before judges were noted, the models alone are known."""
    judges = json.loads(batch.definition).get("judges", [])
    return unpriced([*(run.model for run in batch.runs), *judges])


def _run(batch: Batch, run: Run, session: Session | None) -> EvalRun:
    state = run.state
    if batch.is_orphan and state == store.RUNNING:
        state = store.STOPPED
    return EvalRun(
        call_id=run.call_id,
        model=run.name,
        model_id=run.model,
        model_ref=run.model_ref,
        state=_run_state(state),
        rows_done=run.rows_done,
        rows_total=run.rows_total,
        errors=run.errors,
        cost_nusd=str(run.cost_nusd),
        seconds_left=_seconds_left(batch, run, session),
        started_at=from_us(run.started_at_us),
        ended_at=None if run.ended_at_us is None else from_us(run.ended_at_us),
    )


def _seconds_left(batch: Batch, run: Run, session: Session | None) -> float | None:
    """At the pace of this process so far; None while there is no pace, or nothing to do."""
    if session is None or not session.done or run.state != store.RUNNING:
        return None
    pace = session.done / max((now_us() - session.began_us) / 1e6, 0.001)
    return (run.rows_total - run.rows_done) * len(batch.runs) / pace


def _batch_state(state: str) -> BatchState:
    match state:
        case store.RUNNING | store.DONE | store.STOPPED | store.OUT_OF_BUDGET:
            return state
        case _:
            return "failed"


def _run_state(state: str) -> RunState:
    return "waiting" if state == store.WAITING else _batch_state(state)
