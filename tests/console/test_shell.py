"""The frame of the console: who gets in, the palette, the switcher, the theme."""

import pytest
from playwright.sync_api import Page, expect

from console.browser import Console, check_accessible, take_screenshots


def test_console_when_nobody_is_signed_in_then_asks_and_goes_on_to_the_page(
    console: Console,
) -> None:
    with console.page(username=None) as page:
        page.goto("/settings/profile?x=1")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert "next=" in page.url
        check_accessible(page)
        take_screenshots(page, "login")


def test_palette_when_opened_by_keyboard_then_goes_to_a_page(page: Page) -> None:
    page.goto("/inference")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("profile")
    expect(page.get_by_role("option", name="Profile")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/profile")
    expect(page.get_by_role("heading", level=1, name="Profile")).to_be_visible()
    check_accessible(page)


@pytest.mark.parametrize("slower", [1, 10])
def test_palette_when_one_types_and_goes_on_at_once_then_goes_where_the_letters_say(
    page: Page, slower: int
) -> None:
    page.goto("/inference")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})  # pyright: ignore[reportUnknownMemberType]
    page.keyboard.press("ControlOrMeta+k")
    expect(page.get_by_role("combobox", name="Go to")).to_be_focused()
    page.keyboard.type("profile")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/profile")


def test_palette_when_moved_in_then_goes_to_the_chosen_one(page: Page) -> None:
    page.goto("/inference")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("audit log")
    found = page.get_by_role("listbox", name="Results").get_by_role("option")
    expect(found).to_have_count(2)
    expect(found.first).to_have_attribute("data-active-item", "true")
    page.keyboard.press("ArrowDown")
    expect(found.last).to_have_attribute("data-active-item", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/server/audit")


def test_theme_when_switched_then_is_kept(page: Page) -> None:
    page.goto("/inference")
    page.get_by_role("button", name="admin").click()
    page.get_by_role("menuitem", name="Dark theme").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check_accessible(page)
