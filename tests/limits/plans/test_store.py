"""Plans in use are described, or the server does not start; and a team whose plan is gone is told."""

from pathlib import Path

import pytest

from limits.setting import Office
from weft.kit.errors import CannotStart
from weft.limits.plans.load import load_plans
from weft.limits.plans.store import PlanMissing, check_plans, get_plan, get_team_plan

LAB = '[lab]\nwhen_credit_ends = "overage"\nweight = 7\n'


@pytest.fixture
def lab(office: Office, tmp_path: Path) -> Office:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "plans.toml").write_text(LAB)
    office.plans = load_plans(folder)
    return office


def test_check_when_all_is_described_then_the_server_may_start(lab: Office) -> None:
    lab.give("lab")
    lab.change("lab", '{"weight": 8}')
    with lab.database.read() as connection:
        check_plans(connection, lab.plans, "lab")
        assert get_plan(connection, lab.plans, "lab").weight == 8


def test_check_when_the_default_is_no_plan_then_names_those_there_are(office: Office) -> None:
    with (
        office.database.read() as connection,
        pytest.raises(CannotStart, match="free, pro, academic"),
    ):
        check_plans(connection, office.plans, "platinum")


def test_check_when_a_team_has_what_is_gone_then_says_how_to_mend_it(lab: Office) -> None:
    lab.give("lab")
    with lab.database.read() as connection:
        with pytest.raises(CannotStart, match="teams have the plan lab"):
            check_plans(connection, load_plans(), "free")
        with pytest.raises(PlanMissing) as caught:
            get_team_plan(connection, load_plans(), lab.team.id, "free")
    assert "weft plan set" in str(caught.value.metadata["remedy"])


def test_check_when_changes_do_not_fit_any_more_then_says_which(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.change("pro", '{"weight": 1000}')
    office.change("free", '{"label": "Gratis"}')
    monkeypatch.setattr(type(office.plans), "changed", _refuse(office))
    with (
        office.database.read() as connection,
        pytest.raises(CannotStart, match="changed about the plan pro"),
    ):
        check_plans(connection, office.plans, "free")


def _refuse(office: Office) -> object:
    """As if the bounds of a later version were narrower."""
    changed = type(office.plans).changed

    def narrower(self: object, name: str, changes: str) -> object:
        narrow = changes.replace("1000", "1001") if name == "pro" else changes
        return changed(self, name, narrow)  # pyright: ignore[reportArgumentType] - it is one

    return narrower


def test_check_when_a_plan_that_nobody_has_is_gone_then_its_changes_do_not_matter(
    lab: Office,
) -> None:
    lab.change("lab", '{"weight": 8}')
    with lab.database.read() as connection:
        check_plans(connection, load_plans(), "free")
