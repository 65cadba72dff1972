# scipy has no types:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownLambdaType=false
# pyright: reportUnknownVariableType=false, reportMissingTypeStubs=false
"""The figures equal scipy's, cover as often as they say, and never call a better one where there is none."""

import numpy as np
import pytest
from scipy import stats

from weft.evals.statistics.closed import MANY
from weft.evals.statistics.intervals import RESAMPLES, bca, estimate, wilson
from weft.evals.statistics.paired import FLIPS, compare, mcnemar, sign_flip
from weft.evals.statistics.quick import quick_estimate, student
from weft.evals.statistics.ranks import holm, rank
from weft.evals.statistics.scores import Scores
from weft.evals.statistics.types import Method

SIMULATIONS = 2_000
COVERED = (0.93, 0.97)
RUNS = 200


def test_wilson_when_compared_with_scipy_then_is_equal() -> None:
    for n in (1, 2, 7, 50, 1_000):
        for passed in {0, 1, n // 3, n - 1, n}:
            theirs = stats.binomtest(passed, n).proportion_ci(method="wilson")
            ours = wilson(passed, n)
            assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_bca_when_compared_with_scipy_on_the_same_draws_then_is_equal() -> None:
    random = np.random.default_rng(7)
    for values in (random.normal(size=30), random.exponential(size=50), random.integers(0, 3, 20)):
        data = values.astype(float)
        theirs = stats.bootstrap(
            (data,), np.mean, n_resamples=2_000, method="BCa", rng=np.random.default_rng(3)
        ).confidence_interval
        ours = bca(data.tolist(), resamples=2_000, seed=3)
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-9)


def test_student_when_compared_with_scipy_then_is_equal() -> None:
    for freedom in (1, 2, 3, 4, 10, 39, 1_000):
        theirs = stats.t.ppf(0.975, freedom)
        assert student(freedom) == pytest.approx(theirs, rel=2e-3 if freedom == 3 else 5e-4)


def test_quick_estimate_when_compared_with_scipy_and_with_draws_then_is_near() -> None:
    random = np.random.default_rng(5)
    few = random.normal(2.0, 1.0, 12)
    ours = quick_estimate(Scores.of(few.tolist()))
    assert ours is not None
    assert ours.interval is not None
    theirs = stats.t.interval(0.95, 11, few.mean(), stats.sem(few))
    assert (ours.interval.low, ours.interval.high) == pytest.approx(theirs, rel=1e-3)
    many = Scores.of(random.normal(2.0, 1.0, 2 * MANY).tolist())
    assert quick_estimate(many) == estimate(many), "what is of closed form already stays as it is"
    passes = Scores.of([True, True, False])
    assert quick_estimate(passes) == estimate(passes)
    for nothing in ([], [3.0], [1.5, 1.5]):
        assert quick_estimate(Scores.of(nothing)) == estimate(nothing)


def test_mcnemar_when_compared_with_scipy_then_is_equal() -> None:
    for better, worse in ((0, 0), (1, 0), (5, 1), (10, 10), (30, 12)):
        n = better + worse
        theirs = stats.binomtest(better, n).pvalue if n else 1.0
        assert mcnemar(better, worse) == pytest.approx(theirs, rel=1e-12)


def test_sign_flip_when_compared_with_scipy_then_is_equal() -> None:
    random = np.random.default_rng(11)
    for n in (2, 5, 10):
        first, second = random.normal(size=n), random.normal(0.5, size=n)
        theirs = stats.permutation_test(
            (first, second),
            lambda a, b, axis: np.mean(a - b, axis=axis),
            permutation_type="samples",
            n_resamples=100_000,
        )
        ours, method = sign_flip((first - second).tolist())
        assert method is Method.SIGN_FLIP_EXACT
        assert ours == pytest.approx(theirs.pvalue, rel=1e-12)


def test_sign_flip_when_too_long_to_count_out_then_is_near_the_exact_test() -> None:
    random = np.random.default_rng(13)
    differences = random.normal(0.4, size=14).tolist()
    exact, _ = sign_flip(differences)
    drawn, method = sign_flip([*differences, *[1e-15] * 3])
    assert method is Method.SIGN_FLIP
    assert abs(drawn - exact) < 4 * (exact * (1 - exact) / FLIPS) ** 0.5 + 1 / FLIPS


def test_figures_when_there_are_many_rows_then_closed_forms_are_those_that_are_drawn() -> None:
    random = np.random.default_rng(29)
    for values in (random.exponential(size=MANY), random.beta(0.3, 0.1, MANY)):
        found, drawn = estimate(values.tolist()), bca(values.tolist(), resamples=40_000)
        assert found is not None
        assert found.interval is not None
        width = drawn.high - drawn.low
        assert abs(found.interval.low - drawn.low) < 0.04 * width
        assert abs(found.interval.high - drawn.high) < 0.04 * width
    for shift in (0.0, 0.05, 0.1):
        differences = random.normal(shift, size=MANY - 1).tolist()
        drawn_p, method = sign_flip(differences)
        closed_p, closed = sign_flip([*differences, 1e-15])
        assert (method, closed) == (Method.SIGN_FLIP, Method.SIGN_FLIP_NORMAL)
        assert abs(drawn_p - closed_p) < 0.02
    for better, worse in ((MANY, 0), (260, 290), (3_000, 3_001)):
        theirs = stats.binomtest(better, better + worse).pvalue
        assert mcnemar(better, worse) == pytest.approx(theirs, rel=1e-9)


def test_figures_when_a_few_rows_weigh_most_or_are_alike_then_draws_say_what_closed_forms_cannot() -> (
    None
):
    lone = [*([0.0] * 2_000), 1e6]
    found = estimate(lone)
    assert found is not None
    assert found.interval == bca(lone, resamples=RESAMPLES * 2_000 // 2_001)
    assert sign_flip([*np.linspace(0.1, 0.2, 2_000), -1e6])[1] is Method.SIGN_FLIP
    alike, method = sign_flip([1.0] * 220 + [-1.0] * 180)  # a lattice: no smooth curve fits it
    assert method is Method.SIGN_FLIP
    assert abs(alike - mcnemar(220, 180)) < 4 * (0.05 / FLIPS) ** 0.5


def test_holm_when_done_by_hand_then_is_equal() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


@pytest.mark.parametrize("kind", ["passes", "numbers"])
def test_interval_when_simulated_then_covers_as_often_as_it_says(kind: str) -> None:
    random = np.random.default_rng(17)
    hits = 0
    for _ in range(SIMULATIONS):
        if kind == "passes":
            true, interval = 0.7, wilson(int(random.binomial(80, 0.7)), 80)
        else:
            true, interval = 0.5, bca(random.beta(2, 2, 60).tolist(), resamples=999)
        hits += interval.low <= true <= interval.high
    assert COVERED[0] <= hits / SIMULATIONS <= COVERED[1]


@pytest.mark.parametrize("kind", ["passes", "numbers"])
def test_rank_when_all_models_are_the_same_then_hardly_ever_says_better(kind: str) -> None:
    random = np.random.default_rng(19)
    said = 0
    for _ in range(RUNS):
        hard = random.uniform(0.2, 0.9, 40)  # rows differ in how hard they are; models do not
        models = {
            name: (random.random(40) < hard).tolist()
            if kind == "passes"
            else (hard + random.normal(0, 0.2, 40)).tolist()
            for name in ("a", "b", "c")
        }
        said += any(place.rank > 1 for place in rank(models))
    assert said / RUNS <= 0.05


def test_rank_when_outputs_are_identical_then_never_sets_one_above() -> None:
    random = np.random.default_rng(23)
    for n in (1, 2, 30, 500):
        rows = random.random(n).tolist()
        places = rank({"a": rows, "b": list(rows), "c": list(rows)})
        assert {(place.rank, place.tied_with_best) for place in places} == {(1, True)}


def test_rank_when_one_is_better_then_the_rest_is_below_and_tied() -> None:
    good, bad = [True] * 28 + [False] * 2, [True] * 10 + [False] * 20
    places = rank({"poor": bad, "fine": good, "poorer": [*bad[1:], False]})
    assert [(one.name, one.rank, one.tied_with_best) for one in places] == [
        ("fine", 1, True),
        ("poor", 2, False),
        ("poorer", 2, False),
    ]
    low = rank({"slow": [9.0] * 20 + [9.5], "quick": [1.0] * 21}, higher_is_better=False)
    assert [(one.name, one.rank) for one in low] == [("quick", 1), ("slow", 2)]


def test_rank_when_rows_are_missing_then_only_common_rows_are_compared() -> None:
    comparison = compare([True, None, True, False], [None, True, True, True])
    assert comparison is not None
    assert (comparison.n, comparison.difference) == (2, -0.5)
    assert compare([None], [1.0]) is None
    assert rank({"none": [None, None]}) == []


def test_estimate_when_the_rows_say_nothing_about_it_then_has_no_interval() -> None:
    assert estimate([]) is None
    for scores in ([0.5], [0.5, 0.5, 0.5]):
        found = estimate(scores)
        assert found is not None
        assert found.interval is None
    assert estimate([0.1, 0.9, 0.4]) == estimate([0.1, 0.9, 0.4])
