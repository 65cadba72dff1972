from pathlib import Path

import pytest

from weft.kit.errors import CannotStart
from weft.limits.plans.load import InvalidPlan, NoSuchPlan, Plans, load_plans
from weft.limits.plans.types import CreditEnd
from weft.limits.types import LimitKind, LimitScope, Period

USD = 1_000_000_000
USER = (LimitKind.CONCURRENCY, LimitScope.USER)
PROJECT = (LimitKind.CONCURRENCY, LimitScope.PROJECT)


def loaded(folder: Path, text: str) -> Plans:
    (folder / "plans.toml").write_text(text, encoding="utf-8")
    return load_plans(folder)


def test_plans_when_they_ship_then_caps_are_those_that_are_documented() -> None:
    plans = {plan.name: plan for plan in load_plans()}
    assert list(plans) == ["free", "pro", "academic", "enterprise", "internal"]
    caps = {name: (plan.cap_nusd, plan.cap_period) for name, plan in plans.items()}
    assert caps["free"] == (100 * USD, Period.MONTH)
    assert caps["pro"] == (6_000 * USD, Period.MONTH)
    assert caps["enterprise"] == (700_000 * USD, Period.YEAR)
    assert plans["free"].when_credit_ends is CreditEnd.REFUSE
    assert plans["pro"].when_credit_ends is CreditEnd.OVERAGE
    assert plans["pro"].counts[USER] == 2000
    assert plans["pro"].counts[PROJECT] == 6000


def test_internal_when_it_ships_then_limits_and_gives_nothing() -> None:
    internal = load_plans().get("internal")
    assert (internal.cap_nusd, internal.counts, internal.included_nusd) == (None, {}, 0)
    assert internal.when_credit_ends is CreditEnd.OVERAGE


def test_file_when_it_names_a_key_then_only_that_key_changes(tmp_path: Path) -> None:
    plans = loaded(tmp_path, '[free]\ncap_usd = "0.5"\n[free.concurrency]\nuser = 3\n')
    free, shipped = plans.get("free"), load_plans().get("free")
    assert free.cap_nusd == USD // 2
    assert (free.counts[USER], free.counts[PROJECT]) == (3, 6000)
    assert (free.label, free.included_nusd) == (shipped.label, shipped.included_nusd)
    assert free.place == "plans.toml:1"
    assert plans.get("pro") == load_plans().get("pro")


def test_file_when_it_says_none_then_the_limit_is_gone(tmp_path: Path) -> None:
    free = loaded(tmp_path, '[free]\ncap_usd = "none"\n[free.concurrency]\nuser = "none"\n').get(
        "free"
    )
    assert free.cap_nusd is None
    assert USER not in free.counts


def test_file_when_it_has_a_new_name_then_a_plan_is_added(tmp_path: Path) -> None:
    text = '# ours\n\n[lab]\nwhen_credit_ends = "refuse"\ncap_usd = "7"\ncap_period = "day"\n'
    lab = loaded(tmp_path, text).get("lab")
    assert (lab.label, lab.cap_nusd, lab.cap_period) == ("Lab", 7 * USD, Period.DAY)
    assert lab.place == "plans.toml:3"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[lab]\nlabel = 'x'\n", 1, 'needs when_credit_ends = "refuse" or'),
        ("[free]\n\ncapusd = '5'\n", 3, "did you mean `cap_usd`?"),
        ("[free]\ncap_usd = 5\n", 2, "write dollars in quotes"),
        ("[free]\ncap_usd = '-5'\n", 2, "write dollars in quotes"),
        ("[free]\ncap_usd = '99999999999'\n", 2, "write dollars in quotes"),
        ("[free]\ncap_period = 'week'\n", 2, 'write "day", "month" or "year"'),
        ("[free]\nwhen_credit_ends = 'beg'\n", 2, 'write "refuse" or "overage"'),
        ("[free]\n[free.concurrency]\nuser = -1\n", 3, "a whole number from 0 up"),
        ("[free]\n[free.concurrency]\nusr = 1\n", 3, "did you mean `user`?"),
        ("[free]\n[free.tokens_per_minute]\nteam = 1\n", 3, "the keys here are"),
        ("[free]\nweight = 0\n", 2, "Int".lower()),
        ("[Free]\n", 1, "is no name of a plan"),
        ("cap = 1\n", 1, "stands outside a plan"),
        ("[free\n", 1, "not valid TOML"),
    ],
)
def test_file_when_it_is_wrong_then_the_start_names_file_line_and_remedy(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    with pytest.raises(CannotStart) as caught:
        loaded(tmp_path, text)
    assert caught.value.message.startswith(f"{tmp_path / 'plans.toml'}:{line}: ")
    assert said in caught.value.message


def test_file_when_it_is_no_utf8_then_the_start_says_so(tmp_path: Path) -> None:
    (tmp_path / "plans.toml").write_bytes(b"[free]\n# \xff\n")
    with pytest.raises(CannotStart, match=":2: not UTF-8"):
        load_plans(tmp_path)


def test_file_when_it_is_huge_then_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="larger than"):
        loaded(tmp_path, "# " + "x" * 300_000)


def test_file_when_it_has_too_many_plans_then_it_is_refused(tmp_path: Path) -> None:
    text = "".join(f'[p{n}]\nwhen_credit_ends = "refuse"\n' for n in range(100))
    with pytest.raises(CannotStart, match="100 is the most"):
        loaded(tmp_path, text)


def test_get_when_there_is_no_such_plan_then_names_the_nearest() -> None:
    with pytest.raises(NoSuchPlan, match="did you mean `pro`"):
        load_plans().get("pros")


def test_changed_when_given_a_table_then_lies_over_the_files() -> None:
    pro = load_plans().changed("pro", '{"cap_usd": "8000", "concurrency": {"user": "none"}}')
    assert pro.cap_nusd == 8_000 * USD
    assert USER not in pro.counts
    assert pro.counts[PROJECT] == 6000


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ('{"cap_usd": 5}', "cap_usd"),
        ('{"concurrency": {"user": -1}}', "concurrency.user"),
        ('{"colour": "red"}', "colour"),
        ("[]", "changes"),
        ("{", "changes"),
    ],
)
def test_changed_when_it_cannot_be_then_names_the_key(changes: str, param: str) -> None:
    with pytest.raises(InvalidPlan) as caught:
        load_plans().changed("pro", changes)
    assert caught.value.param == param
