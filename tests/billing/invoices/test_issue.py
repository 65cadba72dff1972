"""Invoices by the real books: figures, numbers, and that what was issued stays."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from billing.ledgers import USD, Books
from identity.house import HandClock, House
from weft.billing.invoices.gather import BooksDisagree
from weft.billing.invoices.issue import Invoices
from weft.billing.invoices.store import InvoiceDamaged, list_invoices, set_buyer
from weft.billing.invoices.types import Invoice
from weft.billing.terms import TermsBook
from weft.identity.audit.types import Actor
from weft.identity.names import NoSuchThing
from weft.identity.types import Team
from weft.kit.errors import InvalidRequest
from weft.kit.settings import Settings
from weft.ledger.accounts import GrantKind
from weft.limits.plans.load import load_plans

ADA = Actor("ada")
MONTH = "2026-11"


def test_invoice_when_the_month_is_over_then_every_sum_holds(
    month: int, invoices: Invoices, team: Team, clock: HandClock
) -> None:
    invoice = invoices.get(team, MONTH, by=ADA, now=clock.now())
    assert invoice.number == "2026-000001"
    assert invoice.cost_nusd == month
    assert sum(line.cost_nusd for line in invoice.lines) == month
    assert invoice.burnt_nusd + invoice.overage_nusd == month
    assert invoice.owed_nusd == invoice.overage_nusd - 2 * USD
    assert [line.amount_nusd for line in invoice.movements] == [-2 * USD]
    assert invoice.due_cents * 10_000_000 + invoice.carried_nusd == invoice.owed_nusd
    assert 0 <= invoice.carried_nusd < 10_000_000
    for credit in invoice.credits:
        moved = credit.opening_nusd + credit.added_nusd - credit.burnt_nusd - credit.ended_nusd
        assert moved == credit.closing_nusd


def test_invoice_when_a_price_changed_then_it_has_a_line_for_each_price(
    month: int, invoices: Invoices, team: Team, clock: HandClock
) -> None:
    del month
    invoice = invoices.get(team, MONTH, by=ADA, now=clock.now())
    lines = [(line.project, line.model, line.price_from, line.requests) for line in invoice.lines]
    assert lines == [
        ("inference", "weft/tiny", "2026-01-01", 5),
        ("search", "meta-llama/Llama-3.3-70B-Instruct", "2026-01-01", 5),
        ("search", "meta-llama/Llama-3.3-70B-Instruct", "2026-11-15", 4),
    ]
    last = invoice.lines[-1]
    assert last.cached_input_tokens == 4 * 5_000_007 + 6
    assert last.input_tokens + last.cached_input_tokens == 4 * 12_345_678
    for line in invoice.lines:
        assert line.rounding_nusd is not None
        assert 0 <= line.rounding_nusd <= line.requests


def test_invoice_when_asked_again_then_the_same_whatever_happened_since(
    month: int, invoices: Invoices, team: Team, clock: HandClock, books: Books
) -> None:
    del month
    first = invoices.get(team, MONTH, by=ADA, now=clock.now())
    books.charge(team.id, 5 * USD)
    with books.database.write() as connection:
        set_buyer(connection, team.id, "Red Ltd", set_by="ada", now=clock.now())
    clock.advance(86_400)
    assert invoices.get(team, MONTH, by=Actor("bob"), now=clock.now()) == first
    with books.database.read() as connection:
        (kept,) = list_invoices(connection, team.id)
    assert (kept.issued_by, kept.invoice) == ("ada", first)


def test_invoice_when_the_next_month_is_issued_then_what_is_owed_is_brought_forward(
    month: int, invoices: Invoices, team: Team, clock: HandClock, books: Books
) -> None:
    del month
    first = invoices.get(team, MONTH, by=ADA, now=clock.now())
    with books.database.write() as connection:
        set_buyer(connection, team.id, "Red Ltd\nHill 1", set_by="ada", now=clock.now())
    books.give(team.id, USD, kind=GrantKind.PROMOTIONAL)
    clock.advance(31 * 86_400)
    second = invoices.get(team, "2026-12", by=ADA, now=clock.now())
    assert second.number == "2027-000001"
    assert second.brought_forward_nusd == first.owed_nusd
    assert second.owed_nusd == first.owed_nusd
    assert second.buyer == "Red Ltd\nHill 1"
    assert [line.opening_nusd for line in second.credits if line.opening_nusd] == [
        line.closing_nusd for line in first.credits if line.closing_nusd
    ]


def test_invoice_when_the_month_is_open_then_a_draft_and_nothing_is_kept(
    invoices: Invoices, team: Team, clock: HandClock, books: Books
) -> None:
    books.charge(team.id, 3 * USD)
    draft = invoices.get(team, MONTH, by=ADA, now=clock.now())
    assert draft.is_draft
    assert (draft.cost_nusd, draft.owed_nusd) == (3 * USD, 3 * USD)
    with books.database.read() as connection:
        assert list_invoices(connection) == []


def test_invoice_when_many_ask_at_once_then_one_number_each_and_no_gaps(
    invoices: Invoices, house: House, clock: HandClock, books: Books
) -> None:
    teams = [house.team(f"team{number}") for number in range(4)]
    for team in teams:
        books.charge(team.id, USD)
    clock.advance(30 * 86_400)

    def get(team: Team) -> Invoice:
        return invoices.get(team, MONTH, by=ADA, now=clock.now())

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(get, teams * 4))
    assert {one.number for one in made} == {f"2026-{place:06}" for place in range(1, 5)}
    assert len({(one.team_id, one.number) for one in made}) == 4


def test_invoice_when_issued_then_nothing_can_be_posted_into_its_month(
    invoices: Invoices, team: Team, clock: HandClock, books: Books
) -> None:
    books.charge(team.id, USD)
    late = clock.now()
    clock.advance(30 * 86_400)
    invoices.get(team, MONTH, by=ADA, now=clock.now())
    clock.moment = late  # a process whose clock is a month behind
    books.charge(team.id, 7 * USD)
    clock.advance(31 * 86_400)
    draft = invoices.get(team, "2026-12", by=ADA, now=clock.now())
    assert draft.cost_nusd == 7 * USD


def test_invoice_when_there_is_nothing_to_say_then_no_number_is_used(
    invoices: Invoices, team: Team, clock: HandClock
) -> None:
    clock.advance(30 * 86_400)
    with pytest.raises(NoSuchThing, match="nothing was used"):
        invoices.get(team, MONTH, by=ADA, now=clock.now())
    for wrong in ("2026-13", "november", "2027-11"):
        with pytest.raises(InvalidRequest):
            invoices.get(team, wrong, by=ADA, now=clock.now())


def test_invoice_when_nobody_said_who_sends_it_then_refused_and_drafts_are_not(
    team: Team, clock: HandClock, books: Books
) -> None:
    plain = Invoices(books.database, Settings(), TermsBook(load_plans(), "pro"))
    books.charge(team.id, USD)
    assert plain.get(team, MONTH, by=ADA, now=clock.now()).is_draft
    clock.advance(30 * 86_400)
    with pytest.raises(InvalidRequest, match="who sends it"):
        plain.get(team, MONTH, by=ADA, now=clock.now())


def test_invoice_when_usage_and_ledger_disagree_then_none_is_made(
    invoices: Invoices, team: Team, clock: HandClock, books: Books
) -> None:
    books.charge(team.id, USD)
    with books.database.write() as connection:
        connection.execute(text("UPDATE usage SET cost_nusd = cost_nusd + 1"))
    with pytest.raises(BooksDisagree):
        invoices.get(team, MONTH, by=ADA, now=clock.now())


def test_invoice_when_what_is_kept_was_changed_then_not_shown(
    invoices: Invoices, team: Team, clock: HandClock, books: Books
) -> None:
    books.charge(team.id, USD)
    clock.advance(30 * 86_400)
    invoices.get(team, MONTH, by=ADA, now=clock.now())
    with books.database.write() as connection:
        connection.execute(text("UPDATE billing_invoice SET content = content || ' '"))
    with pytest.raises(InvoiceDamaged):
        invoices.get(team, MONTH, by=ADA, now=clock.now())
