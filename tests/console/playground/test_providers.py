"""Custom providers, saved models and the history, as a member of the team uses them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conformance.server import TEAM, Engine, Weft, running_engine
from console.browser import Console, check_accessible, take_screenshots
from console.given import running_console
from console.playground.steps import PLAYGROUND, chat, choose_model, expect_answer, say

KEY = "sk-of-a-provider"
SETTINGS = f"/settings/teams/{TEAM}/providers"


@pytest.fixture(scope="module")
def provider() -> Iterator[Engine]:
    """Somebody else's server, which wants a key."""
    with running_engine(secret=KEY) as engine:
        yield engine


@pytest.fixture(scope="module")
def weft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weft]:
    """A server whose admin opened this machine to providers."""
    folder: Path = tmp_path_factory.mktemp("providers")
    settings = {"WEFT_PROVIDER_ALLOW": "127.0.0.1"}
    with running_console(folder, settings=settings, flags=()) as weft:
        yield weft


@pytest.fixture
def page(console: Console) -> Iterator[Page]:
    with console.page(username="ada") as page:
        yield page


def test_provider_when_added_in_the_settings_then_its_model_answers_in_the_playground(
    page: Page, provider: Engine
) -> None:
    page.goto(SETTINGS)
    expect(page.get_by_text("no provider of its own")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Add AI provider").click()
    dialog = page.get_by_role("dialog", name="Add AI provider")
    dialog.get_by_role("button", name="Add provider").click()
    expect(dialog.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Name").fill("parrot")
    dialog.get_by_label("Base URL").fill("http://10.1.2.3/v1")
    dialog.get_by_role("button", name="Test connection").click()
    expect(dialog.get_by_role("alert").filter(has_text="provider_allow")).to_be_visible()
    dialog.get_by_label("Base URL").fill(f"{provider.url}/v1")
    dialog.get_by_label("API key").fill(KEY)
    dialog.get_by_role("button", name="Test connection").click()
    dialog.get_by_role("button", name="Add fake").click()
    expect(dialog.get_by_label("Models")).to_have_value("fake")
    check_accessible(page)
    take_screenshots(page, "provider-dialog")
    dialog.get_by_role("button", name="Add provider").click()
    table = page.get_by_role("region", name="AI providers")
    expect(table.get_by_text("parrot")).to_be_visible()
    page.get_by_role("button", name="Test parrot").click()
    expect(page.get_by_text(re.compile("parrot answered in"))).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "settings-providers")
    assert KEY not in page.content()

    before = provider.stats()["requests"]
    page.goto(PLAYGROUND)
    chat(page).get_by_role("button", name=re.compile("^Select a model")).click()
    page.get_by_role("menuitem", name="parrot").hover()
    page.get_by_role("menuitem", name="fake").click()
    say(page, "say warp")
    expect_answer(page, "warp")
    assert provider.stats()["requests"] == before + 1


def test_model_when_published_then_chosen_again_with_its_settings_and_updated(page: Page) -> None:
    page.goto(PLAYGROUND)
    choose_model(page, "Echo")
    page.get_by_role("button", name=re.compile("Chat settings of chat 1")).click()
    drawer = page.get_by_role("dialog", name=re.compile("Chat settings"))
    drawer.get_by_role("switch", name=re.compile("Track this LLM call")).uncheck()
    drawer.get_by_role("textbox", name="Model name").fill("Careful")
    drawer.get_by_role("button", name="Publish model").click()
    expect(drawer.get_by_text("Careful v0")).to_be_visible()
    number = drawer.get_by_role("spinbutton", name="Temperature, as a number")
    number.fill("0.5")
    number.press("Tab")
    drawer.get_by_role("button", name="Update model").click()
    expect(drawer.get_by_text("Careful v1")).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "publish-model")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add chat").click()
    chat(page, 2).get_by_role("button", name=re.compile("^Select a model")).click()
    page.get_by_role("menuitem", name="Saved Models").hover()
    page.get_by_role("menuitem", name="Careful").click()
    expect(
        page.get_by_role("button", name=re.compile(r"Chat settings of chat 2.*Temperature: 0\.5"))
    ).to_be_visible()

    chat(page, 2).get_by_role("button", name=re.compile("^Model of chat 2")).click()
    page.get_by_role("menuitem", name="Saved Models").hover()
    page.get_by_role("menuitem", name="Manage saved models").click()
    listed = page.get_by_role("dialog", name="Saved models")
    expect(listed.get_by_text("v1")).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "saved-models")
    listed.get_by_role("button", name="Delete Careful").click()
    page.get_by_role("dialog", name="Delete Careful").get_by_role("button", name="Delete").click()
    expect(listed.get_by_text("This project has no saved model")).to_be_visible()
    page.keyboard.press("Escape")
    expect(
        page.get_by_role("button", name=re.compile(r"Chat settings of chat 2.*Temperature: 0\.5"))
    ).to_be_visible()


def test_history_when_a_chat_is_chosen_then_opened_beside_those_that_are_open(page: Page) -> None:
    page.goto(PLAYGROUND)
    choose_model(page, "Echo")
    say(page, "say heddle")
    expect_answer(page, "heddle")
    page.get_by_role("button", name="History").click()
    panel = page.get_by_role("dialog", name="History")
    expect(panel.get_by_role("button", name=re.compile("say heddle"))).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "history")
    search = panel.get_by_role("searchbox", name="Search messages and models")
    search.fill("nowhere")
    expect(panel.get_by_text("No chat has all of these words")).to_be_visible()
    search.fill("HEDDLE echo")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    search.press("ArrowDown")
    expect(panel.get_by_role("button", name=re.compile("say heddle"))).to_be_focused()
    panel.get_by_role("button", name=re.compile("say heddle")).click()
    expect(panel).to_be_hidden()
    second = chat(page, 2)
    expect(second.get_by_text("say heddle").first).to_be_visible()
    expect(second.get_by_role("article", name=re.compile("Assistant$"))).to_contain_text("heddle")
