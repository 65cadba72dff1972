"""The Playground: the seeds' numbered lists ("From the Playground tab", "Try a model", "Compare") step by step; chats
side by side, links, reloads, the keyboard and the phone.

`test/echo` repeats the words of the last user message; `test/thinker` thinks first.
"""

from playwright.sync_api import Page, expect

from conformance.server import PROJECT, TEAM, Weft
from console.browser import Console, check_accessible, take_screenshots
from console.playground.steps import PLAYGROUND, answers, call_id, chat, expect_answer, say


def test_try_a_model_when_chosen_from_the_playground_tab_then_it_answers_and_its_records_are_a_click_away(
    page: Page, weft: Weft
) -> None:
    page.goto("/inference")
    # 1. From the left sidebar, select Playground. The Playground chat UI displays.
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Playground").click()
    page.wait_for_url(f"**{PLAYGROUND}")
    expect(page.get_by_role("heading", name="Playground")).to_be_visible()
    expect(chat(page)).to_be_visible()
    # 2. From the LLM dropdown list, hover over Serverless Inference. Its models display to the right.
    page.get_by_role("button", name="Select a model for chat 1").click()
    entry = page.get_by_role("menuitem", name="Serverless Inference")
    entry.hover()
    model = page.get_by_role("menuitem", name="Echo")
    expect(model).to_be_visible()
    menu, item = entry.bounding_box(), model.bounding_box()
    assert menu is not None
    assert item is not None
    assert item["x"] >= menu["x"] + menu["width"] - 1
    # 3. Click a model name to try it.
    model.click()
    expect(page.get_by_role("button", name="Model of chat 1: Echo")).to_be_visible()
    say(page, "warp and weft")
    answer = expect_answer(page, "warp and weft")
    expect(answer).to_contain_text("3 in, 3 out")
    expect(answer).to_contain_text("TTFT")
    request_id = call_id(page)
    record = weft.usage(request_id)
    assert record is not None
    assert (record["input_tokens"], record["output_tokens"]) == (3, 3)
    assert record["cost_nusd"] == "9000"
    expect(answer).to_contain_text("$0.000009")
    link = answer.get_by_role("link", name="Usage and charge").get_attribute("href")
    trace = answer.get_by_role("link", name="Trace").get_attribute("href")
    assert (link, trace) == (f"/requests/{request_id}", f"/{TEAM}/{PROJECT}/r/call/{request_id}")
    expect(page.get_by_test_id("announcer")).to_have_text(
        "Chat 1, test/echo answered: warp and weft"
    )
    check_accessible(page)
    take_screenshots(page, "playground")


def test_compare_when_chosen_in_the_playground_then_the_selected_cards_open_side_by_side(
    page: Page,
) -> None:
    # 1. From the left sidebar, select Playground. 2. Hover over Serverless Inference in the LLM dropdown list.
    page.goto("/inference")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Playground").click()
    page.get_by_role("button", name="Select a model for chat 1").click()
    page.get_by_role("menuitem", name="Serverless Inference").hover()
    # 3. From the dropdown, select Compare. The Inference tab displays.
    page.get_by_role("menuitem", name="Compare", exact=True).click()
    page.wait_for_url("**/inference")
    # 4. Click anywhere on a model card, except for the model name. 5. Repeat for each model.
    for label in ("Echo", "Thinker"):
        card = page.get_by_role("article", name=label, exact=True)
        card.click(position={"x": 12, "y": 12})
        expect(card.get_by_role("checkbox")).to_be_checked()
    # 6. In any of the selected cards, click Compare N models in the Playground. The comparison view opens.
    page.get_by_role("link", name="Compare 2 models in the Playground").first.click()
    page.wait_for_url(f"**{PLAYGROUND}")
    expect(page.get_by_role("button", name="Model of chat 1: Echo")).to_be_visible()
    expect(page.get_by_role("button", name="Model of chat 2: Thinker")).to_be_visible()
    say(page, "compare us")
    expect_answer(page, "compare us", 1)
    expect_answer(page, "compare us", 2)
    check_accessible(page)
    take_screenshots(page, "playground-compare")


def test_chats_when_side_by_side_then_one_composer_asks_all_or_one(page: Page) -> None:
    page.goto("/playground?models=test/echo&models=test/thinker")
    page.wait_for_url(f"**{PLAYGROUND}")
    expect(chat(page, 2)).to_be_visible()
    say(page, "hello there")
    expect_answer(page, "hello there", 1)
    thoughtful = expect_answer(page, "hello there", 2)
    thoughtful.get_by_text("Reasoning").click()
    expect(thoughtful).to_contain_text("thought0 thought1 thought2")
    page.get_by_label("Send to").select_option(label="To chat 2")
    say(page, "only you")
    expect_answer(page, "only you", 2)
    expect(answers(page, 1)).to_have_count(1)
    # Duplicate, remove, and the last one stays.
    chat(page, 2).get_by_role("button", name="More of chat 2").click()
    page.get_by_role("menuitem", name="Duplicate chat").click()
    expect(answers(page, 3)).to_have_count(2)
    for _ in range(2):
        chat(page, 1).get_by_role("button", name="More of chat 1").click()
        page.get_by_role("menuitem", name="Remove chat").click()
    expect(chat(page, 2)).to_have_count(0)
    chat(page, 1).get_by_role("button", name="More of chat 1").click()
    expect(page.get_by_role("menuitem", name="Remove chat")).to_be_disabled()
    page.get_by_role("menuitem", name="Clear chat").click()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(answers(page, 1)).to_have_count(0)


def test_chats_when_shared_or_reloaded_then_they_are_there_and_run_nothing(
    console: Console, weft: Weft
) -> None:
    nasty = "<img src=x onerror=alert(1)> [x](javascript:alert(2)) ![y](https://evil.example/y.png)"
    with console.page(username="ada", permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{PLAYGROUND}?models=test/echo")
        say(page, nasty)
        expect_answer(page, "<img src=x onerror=alert(1)>")
        page.reload()
        expect(answers(page)).to_contain_text("<img src=x onerror=alert(1)>")
        page.get_by_role("button", name="Copy link to all chats").click()
        expect(page.get_by_text("The link is copied.")).to_be_visible()
        link = page.evaluate("navigator.clipboard.readText()")
    before = weft.total_requests()
    with console.page(username="ada") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(link)
        page.wait_for_url(f"**{PLAYGROUND}")
        expect(answers(page)).to_contain_text("<img src=x onerror=alert(1)>")
        expect(page.get_by_role("button", name="Model of chat 1: Echo")).to_be_visible()
        assert page.locator("article img").count() == 0
        assert page.locator("article a[href^='javascript']").count() == 0
        assert all(url.startswith((console.url, "data:")) for url in asked)
        assert not any("chats=" in url.partition("#")[0] for url in asked)
    assert weft.total_requests() == before


def test_whole_journey_when_there_is_no_mouse_then_the_keyboard_does_it(page: Page) -> None:
    page.goto(PLAYGROUND)
    expect(chat(page)).to_be_visible()
    page.keyboard.press("ControlOrMeta+Shift+Y")
    expect(chat(page, 2)).to_be_visible()
    for number in (1, 2):
        page.keyboard.press(f"Alt+{number}")
        # From the messages back to the model of the same chat: settings, code and menu stand between.
        button = chat(page, number).get_by_role("button", name=f"Select a model for chat {number}")
        for _ in range(8):
            page.keyboard.press("Shift+Tab")
            if button.evaluate("each => each === document.activeElement"):
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("menuitem", name="Serverless Inference")).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("menuitem", name="Compare", exact=True)).to_be_focused()
        page.keyboard.type("Echo")
        expect(page.get_by_role("menuitem", name="Echo")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=f"Model of chat {number}: Echo")).to_be_visible()
    page.keyboard.press("ControlOrMeta+i")
    page.keyboard.type("by hand")
    page.keyboard.press("Enter")
    expect_answer(page, "by hand", 1)
    expect_answer(page, "by hand", 2)
    page.keyboard.press("ControlOrMeta+/")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_phone_when_there_are_two_chats_then_one_is_seen_at_a_time(console: Console) -> None:
    with console.page(username="ada", phone=True, has_touch=True, is_mobile=True) as page:
        page.goto(f"{PLAYGROUND}?models=test/echo&models=test/thinker")
        expect(chat(page, 1)).to_be_in_viewport(ratio=0.9)
        expect(chat(page, 2)).not_to_be_in_viewport()
        page.get_by_role("navigation", name="Chats").get_by_role("button", name="Chat 2").click()
        expect(chat(page, 2)).to_be_in_viewport(ratio=0.9)
        expect(chat(page, 1)).not_to_be_in_viewport()
        say(page, "small screen")
        expect_answer(page, "small screen", 2)
        check_accessible(page)
