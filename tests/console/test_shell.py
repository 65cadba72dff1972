"""The frame of the console: who gets in, the palette, the switcher, the theme."""

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


def test_theme_when_switched_then_is_kept(page: Page) -> None:
    page.goto("/inference")
    page.get_by_role("button", name="admin").click()
    page.get_by_role("menuitem", name="Dark theme").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check_accessible(page)
