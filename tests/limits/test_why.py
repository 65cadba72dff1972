"""Why a request was refused, asked later."""

import json

import pytest

from limits.records import record, refused_by
from limits.setting import USD, Office
from weft.ledger.types import Outcome, UsageRecord
from weft.limits.store import find_limits
from weft.limits.types import Denial, Limit, LimitKind, LimitScope, Period
from weft.limits.why import Why, explain


def ask(office: Office, of: UsageRecord) -> Why:
    with office.database.read() as connection:
        return explain(connection, office.standings, of, now_us=office.now_us)


def project_limit(office: Office, most: int) -> Denial:
    made = office.set(LimitScope.PROJECT, LimitKind.CONCURRENCY, most).rule
    limit = Limit(made.kind, made.scope, made.scope_id, most, name="acme/web", set_by="root")
    return Denial(limit, most, 1, None, retry_after_s=1)


def test_why_when_the_limit_is_still_reached_then_says_so(office: Office) -> None:
    of = refused_by(office, project_limit(office, 1))
    office.in_flight("req_other")
    why = ask(office, of)
    assert why.answer == (
        "It was refused with 429 because of the project's limit of concurrency, and cost nothing."
        " 1 of 1 are used at the moment: the same request would be refused now."
    )
    assert why.message.startswith("Concurrency limit reached for requests: project limit reached")
    assert why.now is not None
    assert not why.now.would_pass


def test_why_when_there_is_room_again_then_would_pass(office: Office) -> None:
    why = ask(office, refused_by(office, project_limit(office, 1)))
    assert why.now is not None
    assert (why.now.current, why.now.max, why.now.would_pass) == (0, 1, True)
    assert why.answer.endswith("0 of 1 are used at the moment: the same request would pass now.")


def test_why_when_the_limit_was_taken_away_then_says_so(office: Office) -> None:
    office.give("internal", "ours")
    of = refused_by(office, project_limit(office, 1))
    with office.database.read() as connection:
        (row,) = find_limits(connection, [office.project.id])
    office.end(row.id)
    why = ask(office, of)
    assert why.answer.endswith("That limit is gone: the same request would pass now.")
    assert why.now is not None
    assert why.now.max is None


def test_why_when_another_limit_is_reached_by_now_then_names_it(office: Office) -> None:
    of = refused_by(office, project_limit(office, 5))
    office.set(LimitScope.KEY, LimitKind.REQUESTS, 0, period=Period.MINUTE)
    why = ask(office, of)
    assert why.now is not None
    assert [one.limit.scope for one in why.now.full] == [LimitScope.KEY]
    assert (
        "other limits are reached (key requests): the same request would be refused" in why.answer
    )


def test_why_when_it_was_spend_then_knows_what_the_request_asked_for(office: Office) -> None:
    office.set(LimitScope.PROJECT, LimitKind.SPEND, 10 * USD, period=Period.DAY)
    limit = Limit(
        LimitKind.SPEND, LimitScope.PROJECT, office.project.id, 10 * USD, period=Period.DAY
    )
    of = refused_by(office, Denial(limit, 10 * USD, 3 * USD, office.now_us))
    office.spent(office.project.id, 8 * USD)
    why = ask(office, of)
    assert why.now is not None
    assert not why.now.would_pass
    assert "8 of 10 USD are used at the moment" in why.answer
    office.house.clock.advance(86_400)
    later = ask(office, of)
    assert later.now is not None
    assert (later.now.current, later.now.would_pass) == (0, True)


@pytest.mark.parametrize(("plan", "passes"), [("free", False), ("pro", True)])
def test_why_when_credit_ran_out_then_the_plan_decides_what_is_now(
    office: Office, plan: str, *, passes: bool
) -> None:
    limit = Limit(LimitKind.CREDITS, LimitScope.TEAM, office.team.id, 0, name="acme")
    of = refused_by(office, Denial(limit, 0, 7 * USD, None))
    office.give(plan)
    why = ask(office, of)
    assert why.now is not None
    assert why.now.would_pass is passes
    assert "because of the team's credit" in why.answer


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        (Outcome.COMPLETED, "It was not refused: it was answered in full, and it cost 0.002 USD."),
        (Outcome.CANCELLED, "It was not refused: the client hung up, and it cost 0.002 USD."),
        (Outcome.FAILED, "It was let in, and then failed (engine_failed); it cost 0.002 USD."),
        (
            Outcome.INTERRUPTED,
            "It was let in; the server that answered it died, so it cost nothing.",
        ),
    ],
)
def test_why_when_it_was_let_in_then_says_what_became_of_it(
    office: Office, outcome: Outcome, answer: str
) -> None:
    why = ask(office, record(office, outcome, error_code="engine_failed", cost=2_000_000))
    assert (why.answer, why.now) == (answer, None)


def test_why_when_another_rule_refused_it_then_no_limit_did(office: Office) -> None:
    kept = json.dumps({"message": "Country not supported", "remedy": "call from elsewhere"})
    why = ask(office, record(office, Outcome.REFUSED, kept, status=403, error_code="country"))
    assert why.answer == (
        "It was refused with 403 (country): Country not supported."
        " No limit stood in its way, and it cost nothing."
    )
    assert (why.metadata, why.now) == ({"remedy": "call from elsewhere"}, None)


def test_why_when_nothing_was_kept_then_status_and_code_are_told(office: Office) -> None:
    why = ask(office, record(office, Outcome.REFUSED, status=404, error_code="model_not_found"))
    assert why.answer.startswith("It was refused with 404 (model_not_found).")
