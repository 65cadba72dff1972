"""Estimates: what they rest on, and that the cost is where they said, with a model whose answers vary."""

import random

import pytest

from conformance.server import TINY
from evals.batches.conftest import Evals, dataset, wanted
from evals.conftest import Client
from weft.evals.batches.estimates.figures import LEVEL, Prompts, figures, together
from weft.evals.batches.estimates.history import Seen
from weft.evals.door import Quote
from weft.evals.statistics.quick import student

QUOTE = Quote("m", 1_000, 50, True, 200, 4096, 1_000_000, 500_000, 2_000_000)


def test_estimate_when_pilot_was_asked_then_actual_cost_is_within_15_percent(
    client: Client,
) -> None:
    evals, chance = Evals(client), random.Random(7)
    asks = ["Hello!", "What is 2 plus 3?", "Name the capital of France.", "Tell me a story.", "Hi"]
    rows = [{"question": f"{chance.choice(asks)} {n}", "expected": "5"} for n in range(48)]
    body = wanted(
        dataset(client, rows, "Varied"),
        models=[{"model": TINY, "name": "tiny", "params": {"max_tokens": 48}}],
        scorers=[{"kind": "numeric", "name": "sum"}],
        budget_nusd="5000000",
    )
    before = client.weft.total_requests()
    blind = evals.estimate(body)
    assert client.weft.total_requests() == before, "an estimate asks nobody"
    assert not blind["is_measured"]
    assert blind["pilot"] is None
    told = evals.estimate({**body, "pilot_rows": 24})
    assert client.weft.total_requests() == before + 24
    assert (told["is_measured"], told["pilot"]["rows"]) == (True, 24), told
    id_ = told["pilot"]["batch_id"]
    pilot = evals.ok("GET", f"/batches/{id_}")
    assert (pilot["state"], pilot["spent_nusd"]) == ("stopped", told["pilot"]["cost_nusd"])
    evals.ok("POST", f"/batches/{id_}/resume", {})
    done = evals.ended(id_)
    assert (done["state"], client.weft.total_requests()) == ("done", before + 48)
    assert int(done["spent_nusd"]) == pytest.approx(int(told["cost_nusd"]), rel=0.15)
    assert int(done["spent_nusd"]) <= int(told["most_nusd"])
    again = evals.estimate(body)
    assert int(again["cost_nusd"]) == pytest.approx(int(done["spent_nusd"]), rel=0.02)


def test_estimate_when_model_is_unknown_or_a_field_is_missing_then_says_so(client: Client) -> None:
    evals = Evals(client)
    ref = dataset(client, [{"question": "a"}])
    unknown = evals.ask("POST", "/estimate", wanted(ref, models=[{"model": "no/such"}]))
    assert unknown.status_code == 404
    assert "no/such" in unknown.text
    for more, said in (
        ({"scorers": [{"kind": "exact", "name": "x"}]}, "no field expected"),
        ({"input": {"template": "{{nothing}}"}}, "nothing"),
        ({"scorers": [{"kind": "regex", "name": "x", "pattern": "("}]}, "no regular expression"),
    ):
        answer = evals.ask("POST", "/batches", wanted(ref, **more))
        assert answer.status_code == 422
        assert said in answer.text


def test_estimate_when_evaluation_is_named_as_its_dataset_then_says_what_would_happen(
    client: Client,
) -> None:
    answer = Evals(client).ask(
        "POST", "/estimate", wanted(dataset(client, [{"question": "a"}], "words"))
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["param"] == "name"
    assert "next version" in answer.text


def test_figures_when_answers_were_seen_then_interval_holds_the_sum_in_nine_of_ten_cases() -> None:
    chance, held, trials = random.Random(3), 0, 400
    prompts = Prompts(50.0, is_counted=True, most_nusd=10**9, dearest_nusd=10**6)
    for _ in range(trials):
        lengths = [chance.randrange(5, 120) for _ in range(100)]
        seen_lengths = lengths[:20]
        mean = sum(seen_lengths) / 20
        spread = (sum((one - mean) ** 2 for one in seen_lengths) / 19) ** 0.5
        seen = Seen(20, 50.0, 0.0, mean, spread, 0.1, is_same=True, is_alike=False)
        told = figures(QUOTE, prompts, seen, 100)
        actual = sum(50 + 2 * one for one in lengths)
        held += told.low_nusd <= actual <= told.high_nusd
    assert held / trials >= 0.88
    assert student(10, LEVEL) == pytest.approx(1.812, abs=0.01)
    told = figures(
        QUOTE, prompts, Seen(9, 50.0, 0.0, 60.0, 9.0, 0.1, is_same=True, is_alike=False), 10
    )
    cost, low, high = together([told, told])
    assert cost == 2 * told.cost_nusd
    assert told.low_nusd * 2 < low < cost < high < told.high_nusd * 2
