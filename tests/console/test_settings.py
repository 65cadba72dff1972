"""Settings in a browser: budgets, plans, prices, engines, country rules, and how alerts are told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from billing.receivers import HookServer, MailServer, hook_server, mail_server
from conformance.server import PROJECT, TEAM, Weft
from console.browser import Console, check_accessible, take_screenshots
from console.given import running_console
from countries import GERMAN, KOREAN, write_country_file

pytestmark = pytest.mark.timeout(300)  # the first one waits for the server and for a model, too
MODEL = "weft/tiny-chat"
LIMITS = f"/settings/teams/{TEAM}/limits"


@pytest.fixture(scope="module")
def mails() -> Iterator[MailServer]:
    with mail_server() as here:
        yield here


@pytest.fixture(scope="module")
def hooks() -> Iterator[HookServer]:
    with hook_server() as here:
        yield here


@pytest.fixture(scope="module")
def weft(
    tmp_path_factory: pytest.TempPathFactory, mails: MailServer, hooks: HookServer
) -> Iterator[Weft]:
    """A server with a mail server, a receiver of posts and rules about countries."""
    folder = tmp_path_factory.mktemp("settings")
    settings = {
        "WEFT_SMTP_HOST": "127.0.0.1",
        "WEFT_SMTP_PORT": str(mails.port),
        "WEFT_SMTP_FROM": "weft@example.com",
        "WEFT_SMTP_SECURITY": "none",
        "WEFT_ALERT_WEBHOOK_URL": f"{hooks.url}/services/T0/hidden",
        "WEFT_ALERT_WEBHOOK_PRIVATE": "true",
        "WEFT_COUNTRY_DENY": "KP",
        "WEFT_COUNTRY_FILE": str(write_country_file(folder / "country.mmdb")),
    }
    with running_console(folder, settings=settings) as weft:
        yield weft


def ask(weft: Weft) -> httpx.Response:
    return httpx.post(
        f"{weft.url}/chat/completions",
        json={
            "model": MODEL,
            "messages": [{"role": "user", "content": "Hello"}],
            "max_tokens": 16,
        },
        headers={
            "Authorization": f"Bearer {weft.api_key}",
            "OpenAI-Project": f"{TEAM}/{PROJECT}",
        },
        timeout=120,
    )


def test_budget_when_a_project_may_spend_next_to_nothing_then_requests_are_refused_until_it_ends(
    page: Page, weft: Weft
) -> None:
    assert ask(weft).status_code == 200
    page.goto(LIMITS)
    page.get_by_role("button", name="Set a limit").click()
    dialog = page.get_by_role("dialog", name="Set a limit")
    dialog.get_by_label("At most, in dollars").fill("0.0000000001")
    dialog.get_by_role("button", name="Set the limit").click()
    expect(dialog.get_by_text("at most nine decimals")).to_be_visible()
    dialog.get_by_label("Whose").select_option(f"{TEAM}/{PROJECT}")
    dialog.get_by_label("At most, in dollars").fill("0.000000001")
    dialog.get_by_label("Reason").fill("pilot")
    dialog.get_by_role("button", name="Set the limit").click()
    row = page.get_by_role("row").filter(has_text=f"{TEAM}/{PROJECT}").filter(has_text="per day")
    expect(row).to_contain_text("pilot")
    refused = ask(weft)
    assert refused.status_code == 429
    assert refused.json()["error"]["metadata"]["scope"] == "project"
    check_accessible(page)
    take_screenshots(page, "settings-limits")
    row.get_by_role("button", name="End").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("it was a try")
    page.get_by_role("button", name="End the limit").click()
    expect(page.get_by_role("region", name="Limits that ended")).to_contain_text("it was a try")
    assert ask(weft).status_code == 200


def test_limits_when_a_member_looks_then_their_own_are_shown_with_whom_to_ask(
    console: Console,
) -> None:
    with console.page(username="ada", phone=True) as page:
        page.goto(LIMITS)
        expect(page.get_by_text(f"Admins of {TEAM} set these limits")).to_be_visible()
        page.goto("/settings/server/prices")
        expect(page.get_by_role("heading", name="Price book")).to_be_visible()
        page.goto("/settings/server/engines")
        expect(
            page.get_by_text("Only administrators of the server see its engines")
        ).to_be_visible()


def test_plan_when_changed_and_given_then_the_team_has_it(page: Page) -> None:
    page.goto("/settings/server/plans")
    page.get_by_role("button", name="Change").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Cap, in dollars").fill("123.45")
    dialog.get_by_label("Reason").fill("price list")
    dialog.get_by_role("button", name="Change the plan").click()
    expect(page.get_by_text("$123.45")).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "settings-plans")
    page.goto(f"/settings/teams/{TEAM}/plan")
    page.get_by_label("Plan", exact=True).select_option("pro")
    page.get_by_label("Reason").fill("launch")
    page.get_by_role("button", name="Give this plan").click()
    expect(page.get_by_role("region", name="Plans that the team was given")).to_contain_text(
        "launch"
    )
    check_accessible(page)
    take_screenshots(page, "settings-plan")


def test_price_when_it_looks_like_a_slip_then_only_with_a_reason_and_the_models_name(
    page: Page, weft: Weft
) -> None:
    page.goto(f"/settings/server/prices?model={MODEL}")
    page.get_by_role("button", name="Add a price").click()
    dialog = page.get_by_role("dialog")
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    dialog.get_by_label("From").fill(day)
    dialog.get_by_label("Input", exact=True).fill("900")
    dialog.get_by_label("Output", exact=True).fill("0.5")
    dialog.get_by_label("Source").fill("Finance")
    check = dialog.get_by_role("region", name="Safety check")
    expect(check).to_contain_text("This looks like a slip")
    expect(check).to_contain_text("over 20 times the output")
    add = dialog.get_by_role("button", name="Add it all the same")
    expect(add).to_be_disabled()
    take_screenshots(page, "settings-price-doubt")
    dialog.get_by_label("Why it is meant").fill("a test of the check")
    dialog.get_by_label(f"Type {MODEL} to stand by it").fill(MODEL)
    add.click()
    history = page.get_by_role("region", name=f"Prices of {MODEL}")
    expect(history).to_contain_text("scheduled")
    expect(history).to_contain_text("admin stands by it: a test of the check")
    book = weft.cli("price", "ls", MODEL)
    assert book[-1]["override_reason"] == "a test of the check"
    check_accessible(page)
    take_screenshots(page, "settings-prices")
    history.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("done")
    page.get_by_role("button", name="Withdraw it").click()
    expect(history).to_contain_text("admin withdrew it: done")


def test_engines_when_loaded_then_state_memory_and_log_are_there(page: Page) -> None:
    page.goto("/settings/server/engines")
    card = page.get_by_role("heading", name=MODEL)
    expect(card).to_be_visible()
    expect(page.get_by_text("Memory kept for engines").first).to_be_visible()
    expect(card.get_by_text("ready")).to_be_visible(timeout=60_000)
    check_accessible(page)
    take_screenshots(page, "settings-engines")
    page.get_by_role("button", name=f"Pin {MODEL}").click()
    expect(page.get_by_role("button", name=f"Unpin {MODEL}")).to_be_visible()
    expect(card.get_by_text("pinned")).to_be_visible()
    page.get_by_role("button", name=f"Unpin {MODEL}").click()
    expect(page.get_by_role("button", name=f"Pin {MODEL}", exact=True)).to_be_visible()
    page.locator("div").filter(has=card).get_by_role("button", name="Log").last.click()
    log = page.get_by_role("log")
    expect(log).to_contain_text("llama")
    page.get_by_role("searchbox", name="Search").fill("no such words")
    expect(log).to_contain_text("No line has this text")
    page.get_by_role("searchbox", name="Search").fill("LLAMA")
    expect(log).to_contain_text("llama")
    take_screenshots(page, "settings-engine-log")


def test_country_rules_when_tried_then_verdict_rule_and_country(page: Page) -> None:
    page.goto("/settings/server/countries")
    page.get_by_label("Address", exact=True).fill(KOREAN)
    page.get_by_role("button", name="Try the rules").click()
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("country_deny lists KP")
    expect(verdict).to_contain_text("refused")
    page.get_by_label("Address", exact=True).fill(GERMAN)
    page.keyboard.press("Enter")
    expect(verdict).to_contain_text("DE, by the country file")
    expect(verdict).to_contain_text("allowed")
    page.get_by_role("button", name="A private address").click()
    expect(verdict).to_contain_text("192.168.0.0/16")
    expect(page.get_by_text("GeoLite2-Country")).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "settings-countries")


def test_notifications_when_tried_then_mail_and_post_arrive_and_failures_say_what_to_do(
    page: Page, mails: MailServer, hooks: HookServer
) -> None:
    page.goto("/settings/server/notifications")
    page.get_by_label("Send a test to").fill("ada@example.com")
    page.get_by_role("button", name="Send a test e-mail").click()
    expect(page.get_by_text("ada@example.com").last).to_be_visible()
    expect(page.get_by_text("sent", exact=True).first).to_be_visible()
    assert mails.receivers == ["ada@example.com"]
    hooks.statuses.append(503)
    page.get_by_role("button", name="Post a test").click()
    expect(page.get_by_text("the receiver answered 503")).to_be_visible()
    expect(page.get_by_text("look into its log")).to_be_visible()
    page.get_by_role("button", name="Post a test").click()
    expect(page.get_by_text("sent", exact=True)).to_have_count(2)
    expect(page.get_by_text("the receiver answered 503")).to_be_hidden()
    assert len(hooks.posts) == 2
    assert "services/T0" not in page.content()
    check_accessible(page)
    take_screenshots(page, "settings-notifications")
