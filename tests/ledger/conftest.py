from collections.abc import Callable

import pytest

from weft.kit.money import NanoUsd
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource

RecordMaker = Callable[..., UsageRecord]

DAY_ONE_US = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""


@pytest.fixture
def a_record() -> RecordMaker:
    def make(
        number: int = 1,
        *,
        day: int = 0,
        user: str = "usr_ada",
        model: str = "weft/tiny",
        project: str = "prj_a",
        team: str = "team_t",
        key: str = "key_k",
        second: int = 0,
        outcome: Outcome = Outcome.COMPLETED,
        tokens: Tokens | None = None,
        cost: int = 1_000,
    ) -> UsageRecord:
        started_at_us = DAY_ONE_US + (day * 86_400 + second) * 1_000_000 + number
        return UsageRecord(
            id=f"req_{number:032x}",
            started_at_us=started_at_us,
            user_id=user,
            team_id=team,
            project_id=project,
            key_id=key,
            model_id=model,
            served_model_id=model,
            engine="llama_cpp",
            status=200 if outcome is Outcome.COMPLETED else 502,
            outcome=outcome,
            error_code="" if outcome is Outcome.COMPLETED else "engine_failed",
            stream=True,
            tokens=tokens or Tokens(input=100, cached_input=40, output=20, reasoning=5),
            usage_source=UsageSource.ENGINE,
            price_version=f"{model}@2026-01-01",
            cost_nusd=NanoUsd(cost),
            queue_us=10,
            ttft_us=2_500,
            total_us=90_000,
            posted_at_us=started_at_us + 90_000,
        )

    return make
