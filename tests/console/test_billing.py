"""Billing in a browser: the seeds' way to credit, usage and upcoming charges, and from a bar to a trace."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from conformance.server import PATIENCE_S, PROJECT, TEAM, TINY, Weft, wait_until
from console.browser import (
    PHONE,
    Console,
    check_accessible,
    check_fits,
    take_screenshots,
    wait_for_all,
)
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.money import NanoUsd
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.ledger.usage.store import insert_usage

PLACE = f"{TEAM}/{PROJECT}"
MAX_REQUESTS = 5
HISTORY_DAYS = 20
ADA_REQUESTS = 3


@dataclass(frozen=True)
class Bill:
    """What was used in the team: a real request of each of two people, one refused, and a history before."""

    weft: Weft
    own: str
    """A request of the administrator's."""
    refused: str
    """One of ada's."""
    members: tuple[str, ...]
    """Ada's answered ones."""


def ask(weft: Weft, key: str, status: int = 200) -> str:
    """One chat in the team's project; its request id."""
    answer = httpx.post(
        f"{weft.url}/chat/completions",
        json={"model": TINY, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8},
        headers={"Authorization": f"Bearer {key}", "OpenAI-Project": PLACE},
        timeout=PATIENCE_S,
    )
    assert answer.status_code == status, answer.text
    return answer.headers["x-request-id"]


def put(weft: Weft, path: str, body: dict[str, object], method: str = "PUT") -> None:
    """Change something as the administrator."""
    url = f"{weft.console_url}api/{path}"
    answer = httpx.request(method, url, json=body, headers=weft.headers, timeout=PATIENCE_S)
    assert answer.is_success, answer.text


@pytest.fixture(scope="module")
def bill(weft: Weft) -> Bill:
    # Over HTTP where it can be: a command takes a second, more on a busy machine.
    put(weft, f"projects/{PLACE}/trace", {"trace": "full"})
    put(weft, f"teams/{TEAM}/plan", {"plan": "pro", "reason": "to see a bill"})
    credit = {"amount_nusd": "25000000000", "note": "for trying"}
    ends = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    put(weft, f"credits/{TEAM}", {**credit, "expires_at": ends}, method="POST")
    weft.cli("purchase", "record", TEAM, "50", "--reference", "PO-7")
    own = ask(weft, weft.api_key)
    key = weft.key("--user", "ada")
    members = tuple(ask(weft, key) for _ in range(ADA_REQUESTS))
    limit = {"kind": "requests", "scope": "user", "subject": "ada", "period": "minute"}
    put(weft, "limits/set", {**limit, "max": 0, "reason": "enough"})
    refused = ask(weft, key, 429)
    _write_history(weft, own)
    return Bill(weft, own, refused, members)


def _write_history(weft: Weft, like: str) -> None:
    """Requests of the days before, as those of today but for model and cost."""
    told = weft.usage(like)
    assert told is not None
    now = datetime.now(UTC)
    records: list[UsageRecord] = []
    for day in range(1, HISTORY_DAYS):
        for number, model in enumerate(("meta-llama/Llama-3.1-8B-Instruct", "openai/gpt-oss-20b")):
            moment_us = to_us(now - timedelta(days=day, seconds=number))
            records.append(
                UsageRecord(
                    id=f"req_{day:016x}{number:016x}",
                    started_at_us=moment_us,
                    user_id=told["user_id"],
                    team_id=told["team_id"],
                    project_id=told["project_id"],
                    key_id=told["key_id"],
                    model_id=model,
                    served_model_id=model,
                    engine="llama_cpp",
                    status=200,
                    outcome=Outcome.COMPLETED,
                    error_code="",
                    stream=True,
                    tokens=Tokens(input=120_000, cached_input=40_000, output=9_000, reasoning=0),
                    usage_source=UsageSource.ENGINE,
                    price_version="",
                    cost_nusd=NanoUsd(30_000_000 * (1 + (day * 7 + number * 3) % 5)),
                    queue_us=10,
                    ttft_us=90_000,
                    total_us=1_500_000,
                    posted_at_us=moment_us,
                )
            )
    database = Database(weft.data_dir / "weft.db")
    with database.write() as connection:
        insert_usage(connection, records)
    database.close()


@pytest.fixture
def calls(page: Page) -> list[str]:
    """What the page asks of the API, in order."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/api/" in one.url else None)
    return asked


def test_seeds_list_when_billing_is_opened_then_credit_charges_and_usage_are_there(
    page: Page, bill: Bill, calls: list[str]
) -> None:
    """The seeds, "View billing and usage information"."""
    page.goto(f"/billing/{TEAM}")  # the team is the one that was worked in last
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # 1. Go to the Billing page in the UI.
    page.goto("/inference")
    page.get_by_role("navigation").get_by_role("link", name="Billing").click()
    page.wait_for_url(f"**/billing/{TEAM}")
    # 2. Find the Inference billing information card in the bottom right corner.
    card = page.get_by_role("region", name="Inference billing information")
    expect(card).to_be_visible()
    expect(page.get_by_role("region", name="Invoices").get_by_role("row").nth(1)).to_be_visible()
    box, main = card.bounding_box(), page.get_by_role("main").bounding_box()
    assert box is not None
    assert main is not None
    assert box["x"] > main["x"] + main["width"] * 0.6
    assert main["y"] + main["height"] - (box["y"] + box["height"]) < 40, "nothing is below it"
    expect(card).to_contain_text("Credit balance")
    expect(card).to_contain_text(
        "$95.00"
    )  # 20 of the plan, 25 given, 50 bought, less a few nano-dollars
    # 3. View upcoming inference charges (for paid plans).
    expect(card).to_contain_text("Upcoming charges$0.00")
    check_accessible(page)
    take_screenshots(page, "billing-overview")
    calls.clear()
    page.reload()
    expect(page.get_by_role("group", name="Cost by day and model")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len(calls) <= MAX_REQUESTS, calls
    # 4. Click View usage to see your usage over time.
    card.get_by_role("link", name="View usage").click()
    page.wait_for_url(f"**/billing/{TEAM}/usage")
    expect(page.get_by_role("group", name="Cost by day and model")).to_be_visible()
    expect(page.get_by_role("button", name="gpt-oss-20b").first).to_be_visible()


def test_overview_when_opened_then_tells_plan_credit_in_burn_order_caps_and_papers(
    page: Page, bill: Bill
) -> None:
    page.goto(f"/billing/{TEAM}")
    credit = page.get_by_role("region", name="Credit in the order in which it burns")
    rows = credit.get_by_role("row")
    expect(rows).to_have_count(4)
    for place, text in ((1, "Plan credit"), (2, "Promotional · for trying"), (3, "Purchased")):
        expect(rows.nth(place)).to_contain_text(text)
    expect(rows.nth(3)).to_contain_text("never")
    expect(page.get_by_role("region", name="Plan", exact=True)).to_contain_text("Pro")
    caps = page.get_by_role("region", name="Spend against caps")
    expect(caps).to_contain_text("$6,000.00")
    expect(caps).to_contain_text("in four months of five")
    bought = page.get_by_role("region", name="Purchases", exact=True).first
    expect(bought).to_contain_text("PO-7")
    page.get_by_role("button", name="Buy credit").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"weft purchase record {TEAM}")
    check_accessible(page)
    page.keyboard.press("Escape")
    invoice = page.get_by_role("link", name=re.compile("^HTML of"))
    path = invoice.get_attribute("href")
    assert path is not None
    assert "not over" in page.request.get(path).text()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^PDF of")).click()
    assert download.value.path().read_bytes().startswith(b"%PDF")


def test_alerts_when_edited_then_the_page_tells_them_and_the_secret_is_shown_once(
    page: Page, bill: Bill
) -> None:
    page.goto(f"/billing/{TEAM}")
    alerts = page.get_by_role("region", name="Usage alerts")
    alerts.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name=f"Alerts of {TEAM}")
    percents = dialog.get_by_role("textbox", name="Percent of credit and caps")
    expect(percents).to_have_value("50, 80, 100")
    percents.fill("101")
    expect(dialog.get_by_text("Write whole numbers from 1 to 100")).to_be_visible()
    percents.fill("75, 95")
    dialog.get_by_role("textbox", name="Dollars beyond credit").fill("300")
    dialog.get_by_role("textbox", name="Mail others").fill("finance@example.com")
    dialog.get_by_role("textbox", name="Webhook").fill("https://localhost/weft")
    check_accessible(page)
    take_screenshots(page, "billing-alerts")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text(re.compile("whsec_"))).to_be_visible()
    dialog.get_by_role("button", name="Done").click()
    expect(alerts).to_contain_text("At 75, 95 % of credit and caps, and at $300.00 beyond credit")
    expect(alerts).to_contain_text("the team's webhook")
    alerts.get_by_role("button", name="Edit").click()
    expect(percents).to_have_value("75, 95")
    expect(dialog.get_by_text(re.compile("whsec_"))).to_have_count(0)
    test = dialog.get_by_role("button", name="Send a test")
    test.focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("localhost is at no public address")).to_be_visible()
    expect(dialog.get_by_text("Use a receiver that the internet reaches")).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "billing-alerts-tested")
    dialog.get_by_role("textbox", name="Webhook").fill("https://localhost/other")
    expect(test).to_have_count(0)


def test_bar_when_clicked_then_leads_to_request_trace_and_playground_in_four_clicks(
    page: Page, bill: Bill
) -> None:
    """Product D5: one id for everything."""
    page.goto(f"/billing/{TEAM}/usage?range=24h&user={_user_of(bill)}")
    # Click 1: a bar's segment.
    page.get_by_role("button", name=re.compile(r"tiny-chat: .*show its requests")).first.click()
    page.wait_for_url(f"**/billing/{TEAM}/requests?**")
    # Click 2: a request.
    page.get_by_role("region", name="Requests").get_by_role("link").first.click()
    page.wait_for_url(f"**/requests/{bill.own}")
    expect(page.get_by_role("heading", name="How the cost comes about")).to_be_visible()
    expect(page.get_by_role("region", name="Ledger entries")).to_contain_text("Plan credit")
    check_accessible(page)
    take_screenshots(page, "billing-request")
    trace = page.get_by_role("link", name="Trace", exact=True)
    assert trace.get_attribute("href") == f"/{TEAM}/{PROJECT}/r/call/{bill.own}"
    with page.expect_download() as download:
        page.get_by_role("link", name="Signed receipt").click()
    assert '"signature"' in download.value.path().read_text()
    # Click 3: the Playground, with what was asked.
    page.get_by_role("button", name="Open in Playground").click()
    page.wait_for_url(f"**/{TEAM}/{PROJECT}/playground**")
    expect(page.get_by_text("Hello", exact=True).first).to_be_visible()
    # Click 4: the same once more.
    before = bill.weft.total_requests()
    page.get_by_role("button", name=re.compile("^Retry from message")).first.click()
    wait_until(lambda: bill.weft.total_requests() > before)


def _user_of(bill: Bill) -> str:
    told = bill.weft.usage(bill.own)
    assert told is not None
    return told["user_id"]


def test_usage_when_grouped_zoomed_and_exported_then_the_address_holds_it_and_figures_agree(
    page: Page, bill: Bill, calls: list[str]
) -> None:
    page.goto(f"/billing/{TEAM}/usage")
    chart = page.get_by_role("group", name="Cost by day and model")
    expect(chart).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len(calls) <= MAX_REQUESTS, calls
    check_accessible(page)
    take_screenshots(page, "billing-usage")

    page.get_by_label("Requests", exact=True).check(force=True)
    page.get_by_label("User", exact=True).check(force=True)
    expect(page).to_have_url(re.compile("by=user.*metric=requests|metric=requests.*by=user"))
    table = page.get_by_role("region", name="Usage by User")
    expect(table.get_by_role("row").filter(has_text="ada")).to_contain_text(f"{ADA_REQUESTS + 1}")
    page.reload()
    expect(table).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    lines = download.value.path().read_text().splitlines()
    total = table.get_by_role("row").last.inner_text().split("\t")
    assert sum(int(line.split(",")[4]) for line in lines[1:]) == int(total[1]), lines[0]

    chart = page.get_by_role("group", name="Requests by day and user")
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 80, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile("since=2.*until=2"))
    expect(page.get_by_role("radio", name="Custom")).to_be_checked()


def test_chart_when_used_by_keyboard_then_each_bar_has_its_name_and_opens_its_requests(
    page: Page, bill: Bill
) -> None:
    page.goto(f"/billing/{TEAM}/usage?range=7d")
    bar = page.get_by_role("button", name=re.compile(r"^\d+ \w+ \d{4}: \$.*show its requests$"))
    expect(bar).to_have_count(7)
    bar.first.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(bar.nth(5)).to_be_focused()
    page.keyboard.press("ArrowUp")
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert re.match(r"\d+ \w+ \d{4}, (gpt-oss|openai|meta|Llama).*: \$0\.", focused), focused
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/billing/{TEAM}/requests?**")
    rows = page.get_by_role("region", name="Requests").get_by_role("row")
    expect(rows).to_have_count(2)


def test_requests_when_narrowed_to_refused_then_its_page_says_why_and_what_to_do(
    page: Page, bill: Bill
) -> None:
    page.goto(f"/billing/{TEAM}/requests")
    page.get_by_label("Outcome").select_option("refused")
    expect(page).to_have_url(re.compile("outcome=refused"))
    rows = page.get_by_role("region", name="Requests").get_by_role("row")
    expect(rows).to_have_count(2)
    take_screenshots(page, "billing-requests")
    check_accessible(page)
    rows.nth(1).get_by_role("link").click()
    page.wait_for_url(f"**/requests/{bill.refused}")
    why = page.get_by_role("region", name="Why it was refused")
    for text in ("Requests per minute", "user ada", "would be refused now", "What to do"):
        expect(why).to_contain_text(text)
    check_accessible(page)
    take_screenshots(page, "billing-refused")


def test_member_when_she_opens_billing_then_sees_her_own_and_no_money_of_the_team(
    console: Console, bill: Bill
) -> None:
    with console.page(username="ada") as page:
        page.goto(f"/billing/{TEAM}")
        expect(page.get_by_role("heading", name="What is left to you")).to_be_visible()
        limits = page.get_by_role("region", name="Limits", exact=True)
        expect(limits.get_by_role("row").filter(has_text="user ada").first).to_be_visible()
        expect(page.get_by_role("heading", name="Invoices")).to_have_count(0)
        check_accessible(page)
        take_screenshots(page, "billing-member")
        page.get_by_role("link", name="Usage", exact=True).click()
        table = page.get_by_role("region", name="Usage by Model")
        expect(table.get_by_role("row").last).to_contain_text(f"{ADA_REQUESTS + 1}")
        expect(page.get_by_label("User", exact=True)).to_have_count(0)
        page.goto(f"/requests/{bill.own}")
        expect(page.get_by_role("alert")).to_contain_text("that you may see")
        page.goto(f"/requests/{bill.refused}")
        expect(page.get_by_role("region", name="Why it was refused")).to_be_visible()


def test_phone_when_it_shows_billing_then_nothing_scrolls_sideways(
    console: Console, bill: Bill
) -> None:
    with console.page(phone=True, dark=True) as page:
        for path in ("", "/usage", "/requests"):
            page.goto(f"/billing/{TEAM}{path}")
            wait_for_all(page)
            check_fits(page, PHONE["width"])


def test_trace_when_the_request_was_kept_then_the_api_says_so(bill: Bill) -> None:
    def kept() -> bool:
        path = f"{bill.weft.console_url}api/requests/{bill.own}"
        told = httpx.get(path, headers=bill.weft.headers, timeout=PATIENCE_S).json()
        return told["trace"]["kept"]

    wait_until(kept)
