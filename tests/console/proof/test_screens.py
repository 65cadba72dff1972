"""Every screen, found in the routes: no violation for axe in light, nor in dark on a phone; no program of others run.

A screen that is new has to get a visit in `screens.py`; then all of this holds for it as well.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from console.browser import (
    DESKTOP,
    PHONE,
    Console,
    check_accessible,
    take_screenshots,
    wait_for_all,
)
from console.proof.conftest import SAID, SCRIPT, World
from console.proof.screens import VISITS, Visit, file_name, screens

pytestmark = pytest.mark.timeout(900)  # one test goes through all screens, some three times
ALIVE = r"""() => {
    const runs = /^\s*(javascript|vbscript|data:text)/i;
    const odd = [...document.querySelectorAll("*")].flatMap((element) =>
        [...element.attributes]
            .filter(({name, value}) =>
                /^(on.*|srcdoc)$/i.test(name) ||
                (/^(href|action|formaction|xlink:href|src|data)$/i.test(name) && runs.test(value)) ||
                (name === "src" && /^(https?:)?\/\//i.test(value) && !value.startsWith(location.origin)))
            .map(({name, value}) => `${element.tagName} ${name}=${value}`));
    return window.hit ? [...odd, "a program ran"] : odd;
}"""
"""What is in the page that could run, is loaded from elsewhere, or did run. A link to elsewhere waits for a click."""

WATCH_ANNOUNCER = """() => {
    window.heard = [];
    const live = document.querySelector("[data-testid=announcer]");
    new MutationObserver(() => live.textContent && window.heard.push(live.textContent)).observe(
        live, {childList: true, characterData: true, subtree: true});
}"""


def test_screens_when_found_in_the_routes_then_each_is_visited() -> None:
    assert not set(screens()) - set(VISITS), "say in screens.py where it is looked at"
    names = [file_name(address) for address in screens()]
    assert len(set(names)) == len(names)


def open_screen(page: Page, world: World, visit: Visit) -> None:
    """Go there and wait until all of it has come."""
    page.goto(visit.path.format(**world.names))
    wait_for_all(page)


@pytest.mark.parametrize("signed_in", [True, False])
def test_screens_when_looked_at_then_axe_finds_nothing_and_no_text_becomes_a_program(
    console: Console, world: World, *, signed_in: bool
) -> None:
    wrong: list[str] = []
    shown = 0
    with console.page(username="admin" if signed_in else None) as page:
        page.on("dialog", lambda dialog: wrong.append(f"{page.url}: a dialog: {dialog.message}"))
        for address in screens():
            visit = VISITS[address]
            if visit.signed_in != signed_in:
                continue
            try:
                look(page, world, address)
            except AssertionError as error:
                wrong.append(f"{address}: {error}")
            shown += SCRIPT[:20] in page.locator("body").inner_text()
    assert not wrong, "\n\n".join(wrong)
    assert shown >= (2 if signed_in else 0), "the texts of the attacker were nowhere to be seen"


def look(page: Page, world: World, address: str) -> None:
    """One screen: opened, drawn as light, dark and for a phone, and examined."""
    page.set_viewport_size(DESKTOP)  # pyright: ignore[reportArgumentType]
    open_screen(page, world, VISITS[address])
    take_screenshots(page, f"screen-{file_name(address)}", always=True)
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    check_accessible(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.set_viewport_size(PHONE)  # pyright: ignore[reportArgumentType]
    check_accessible(page)
    assert page.evaluate(ALIVE) == []


def test_playground_when_a_model_says_programs_then_they_are_text(
    console: Console, world: World
) -> None:
    asked: list[str] = []
    with console.page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        page.goto(VISITS["/$team/$project/playground"].path)
        page.get_by_role("textbox", name="Message", exact=True).fill(SAID)
        page.keyboard.press("Enter")
        answer = page.get_by_role("article", name=re.compile("Assistant$")).last
        expect(answer.get_by_role("link", name="Usage and charge")).to_be_visible()
        expect(answer).to_contain_text("onerror=window.hit=1")
        assert page.evaluate(ALIVE) == []
        check_accessible(page)
    assert all(url.startswith((world.weft.console_url, "data:", "blob:")) for url in asked)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus has this name."""
    for _ in range(200):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "() => [document.activeElement.getAttribute('aria-label'), document.activeElement.textContent]"
        )
        if name in told:
            return
    raise AssertionError(f"Tab does not lead to {name}")


def test_models_when_compared_by_keyboard_alone_then_answers_are_told_whole_and_nothing_moves(
    console: Console, world: World
) -> None:
    del world
    with console.page(reduced_motion="reduce") as page:
        page.goto("/inference")
        expect(page.get_by_role("article", name="Echo", exact=True)).to_be_visible()
        for label in ("Echo", "Thinker"):
            tab_to(page, f"Select {label}")
            page.keyboard.press("Space")
        tab_to(page, "Compare 2 models in the Playground")
        page.keyboard.press("Enter")
        message = page.get_by_role("textbox", name="Message", exact=True)
        expect(message).to_be_visible()
        if not message.evaluate("element => element === document.activeElement"):
            tab_to(page, "Message")
        page.evaluate(WATCH_ANNOUNCER)
        page.keyboard.type("warp and weft")
        page.keyboard.press("Enter")
        for number in (1, 2):
            chat = page.get_by_role("region", name=f"Chat {number}", exact=True)
            answer = chat.get_by_role("article", name=re.compile("Assistant$")).last
            expect(answer.get_by_role("link", name="Usage and charge")).to_be_visible()
            expect(answer).to_contain_text("warp and weft")
        heard = page.evaluate("window.heard")
        assert heard, "a screen reader is told nothing"
        assert all(text.endswith("answered: warp and weft") for text in heard), heard
        moving = "() => document.getAnimations().filter(a => a.playState === 'running').length"
        assert page.evaluate(moving) == 0
