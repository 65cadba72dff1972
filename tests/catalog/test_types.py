from datetime import UTC, date, datetime, timedelta

import pytest

from weft.catalog.catalog import Catalog
from weft.catalog.types import Lifecycle, ModelState


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), "openai/gpt-oss-20b@2025-08-05"),
        (datetime(2025, 8, 5, tzinfo=UTC), "openai/gpt-oss-20b@2025-08-05"),
        (
            datetime(2026, 9, 3, tzinfo=UTC) - timedelta(microseconds=1),
            "openai/gpt-oss-20b@2025-08-05",
        ),
        (datetime(2026, 9, 3, tzinfo=UTC), "openai/gpt-oss-20b@2026-09-03"),
        (datetime(2030, 1, 1, tzinfo=UTC), "openai/gpt-oss-20b@2026-09-03"),
    ],
)
def test_price_at_when_a_price_changed_then_the_one_in_force(
    shipped: Catalog, moment: datetime, version: str
) -> None:
    assert shipped.get("openai/gpt-oss-20b").price_at(moment).version == version


def test_lifecycle_on_when_no_day_is_set_then_the_stage_of_the_card(shipped: Catalog) -> None:
    card = shipped.get("openai/gpt-oss-20b")
    assert card.lifecycle_on(date(2099, 1, 1)) is Lifecycle.GENERALLY_AVAILABLE


@pytest.mark.parametrize(
    ("state", "runnable", "stand_in"),
    [
        (ModelState.READY, True, False),
        (ModelState.ASLEEP, True, False),
        (ModelState.STAND_IN, True, True),
        (ModelState.NOT_RUNNABLE, False, False),
    ],
)
def test_model_state_when_asked_then_whether_it_answers_and_for_whom(
    state: ModelState, runnable: bool, stand_in: bool
) -> None:
    assert (state.runnable, state.stand_in) == (runnable, stand_in)
