"""Usage records of requests of ada's, as the door keeps them."""

import json

from limits.setting import Office
from weft.kit.money import NanoUsd
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.limits.refusals import refusal
from weft.limits.types import Denial


def record(office: Office, outcome: Outcome, refused: str = "", **more: object) -> UsageRecord:
    fields = {"status": 429, "error_code": "rate_limit_exceeded", "cost": 0, **more}
    return UsageRecord(
        id="req_1",
        started_at_us=office.now_us,
        user_id=office.ada.id,
        team_id=office.team.id,
        project_id=office.project.id,
        key_id=office.team_key.id,
        model_id="m/a",
        served_model_id="",
        engine="",
        status=int(str(fields["status"])),
        outcome=outcome,
        error_code=str(fields["error_code"]),
        stream=False,
        tokens=Tokens(),
        usage_source=UsageSource.NONE,
        price_version="",
        cost_nusd=NanoUsd(int(str(fields["cost"]))),
        queue_us=0,
        ttft_us=0,
        total_us=1,
        refusal=refused,
    )


def refused_by(office: Office, denial: Denial) -> UsageRecord:
    """As the door keeps it."""
    error = refusal(denial, quota_status=429, now_us=office.now_us)
    kept = json.dumps({"message": error.message, **error.metadata})
    return record(office, Outcome.REFUSED, kept, status=error.status, error_code=error.code or "")
