"""The Playground: the seeds' numbered lists ("From the Playground tab", "Try a model", "Compare") step by step, and what
a chat can do besides, against a real server.

`test/echo` repeats the words of the last user message and does as it is told in `[[fake: ...]]`; `test/thinker` thinks
first and calls no tools; `test/seer` sees.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from conformance.server import (
    CARDS,
    PATIENCE_S,
    PROJECT,
    TEAM,
    Engine,
    Weft,
    running_weft,
    wait_until,
)
from console.browser import Console, check_accessible, take_screenshots

PLAYGROUND = f"/{TEAM}/{PROJECT}/playground"
SEER = """\
id = "test/seer"
label = "Seer"
provider = "Weft"
context_window_tokens = 4096
modalities_input = ["text", "vision"]

[capabilities]
vision = true

[[prices]]
effective_on = 2026-01-01
input_usd_per_mtok = "1"
output_usd_per_mtok = "2"
source = "made up for tests"

[engines.fake]
behaviour = "vision"
"""
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def weft(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Weft]:
    """A server with a model that sees, and with the whole of each request in its project's traces."""
    folder = tmp_path_factory.mktemp("playground")
    cards = copytree(CARDS, folder / "cards")
    (cards / "seer.toml").write_text(SEER)
    with running_weft(folder, flags=("--stand-in",), remote=engine.url, cards=cards) as weft:
        weft.cli("team", "create", TEAM, "--admin", "admin")
        weft.cli("project", "create", f"{TEAM}/{PROJECT}")
        weft.cli("project", "trace", f"{TEAM}/{PROJECT}", "full")
        weft.cli("user", "create", "ada")
        weft.cli("team", "add", TEAM, "ada", "--role", "member")
        yield weft


def chat(page: Page, number: int = 1) -> Locator:
    return page.get_by_role("region", name=f"Chat {number}", exact=True)


def choose_model(page: Page, label: str, number: int = 1) -> None:
    chat(page, number).get_by_role("button", name=re.compile("^(Select a model|Model) ")).click()
    page.get_by_role("menuitem", name="Serverless Inference").hover()
    page.get_by_role("menuitem", name=re.compile(f"^{label}")).click()


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def answers(page: Page, number: int = 1) -> Locator:
    return chat(page, number).get_by_role("article", name=re.compile("Assistant$"))


def expect_answer(page: Page, text: str, number: int = 1) -> Locator:
    """The last answer of a chat, once it says `text` and what it used is there."""
    answer = answers(page, number).last
    expect(answer).to_contain_text(text)
    expect(answer.get_by_role("link", name="Usage and charge")).to_be_visible()
    return answer


def call_id(page: Page, number: int = 1) -> str:
    return chat(page, number).locator("header [title]").filter(has_text=re.compile("^[0-9a-f-]{20,}$")).inner_text()


def read_call(weft: Weft, request_id: str) -> dict[str, Any]:
    """What the trace of a request holds; it is written a moment after the answer."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        answer = httpx.post(
            f"{weft.console_url}traces/call/read",
            json={"project_id": f"{TEAM}/{PROJECT}", "id": request_id},
            headers=weft.headers,
            timeout=PATIENCE_S,
        )
        found[:] = [answer.json().get("call") or {}] if answer.status_code == 200 else [{}]
        return bool(found[0])

    wait_until(look)
    return found[0]


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
    expect(page.get_by_test_id("announcer")).to_have_text("Chat 1, test/echo answered: warp and weft")
    check_accessible(page)
    take_screenshots(page, "playground")


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


def test_messages_when_edited_retried_deleted_then_the_model_is_sent_what_stands_there(
    page: Page, weft: Weft
) -> None:
    page.goto(f"{PLAYGROUND}?models=test/echo")
    chat(page).get_by_role("button", name="Add prompt message").click()
    page.get_by_label("Text of prompt message 1").fill("be brief")
    chat(page).get_by_role("button", name="Add message").click()
    page.get_by_label("Text of prompt message 2").fill("an example")
    composer = page.get_by_role("textbox", name="Message", exact=True)
    composer.fill("first words")
    composer.press("ControlOrMeta+Enter")
    expect(composer).to_have_value("")
    expect(answers(page)).to_have_count(0)
    say(page, "second words")
    expect_answer(page, "second words")
    second = chat(page).get_by_role("article", name="Message 2, User")
    second.hover()
    second.get_by_role("button", name="Edit message 2").click()
    second.get_by_label("Text of the message").fill("other words")
    second.get_by_role("button", name="Save").click()
    second.get_by_role("button", name="Retry from message 2").click()
    expect_answer(page, "other words")
    first = chat(page).get_by_role("article", name="Message 1, User")
    first.hover()
    first.get_by_role("button", name="Delete message 1").click()
    say(page, "third")
    expect_answer(page, "third")
    inputs = read_call(weft, call_id(page))["inputs"]
    assert [(each["role"], each["content"]) for each in inputs["messages"]] == [
        ("system", "be brief"),
        ("user", "an example"),
        ("user", "other words"),
        ("assistant", "other words"),
        ("user", "third"),
    ]


def test_settings_when_changed_then_each_is_sent_and_named_on_hover(page: Page, weft: Weft) -> None:
    page.goto(f"{PLAYGROUND}?models=test/echo")
    page.get_by_role("button", name="Chat settings of chat 1").click()
    drawer = page.get_by_role("dialog", name="Chat settings of chat 1")
    tokens = drawer.get_by_label("Maximum tokens", exact=True)
    assert [tokens.get_attribute(name) for name in ("min", "max")] == ["0", "131072"]
    expect(tokens).to_have_value("65536")
    for name, value in (
        ("Number of trials", "3"),
        ("Maximum tokens", "4"),
        ("Temperature", "0.25"),
        ("Top P", "0.5"),
        ("Frequency penalty", "0.1"),
        ("Presence penalty", "9"),
    ):
        field = drawer.get_by_label(f"{name}, as a number")
        field.fill(value)
        field.press("Enter")
    expect(drawer.get_by_label("Presence penalty, as a number")).to_have_value("1")
    drawer.get_by_label("Stop sequences").fill("END")
    drawer.get_by_role("button", name="Add", exact=True).click()
    drawer.get_by_label("Response format").select_option("json_schema")
    schema = page.get_by_role("dialog", name="Response schema")
    editor = schema.get_by_role("textbox", name="JSON schema")
    editor.fill('{"type": "thing"}')
    expect(schema.get_by_role("alert")).to_contain_text('no type "thing"')
    expect(schema.get_by_role("button", name="Save schema")).to_be_disabled()
    editor.fill('{"type": "object", "properties": {"city": {"type": "string"}}}')
    schema.get_by_role("button", name="Save schema").click()
    check_accessible(page)
    take_screenshots(page, "playground-settings")
    page.keyboard.press("Escape")
    button = page.get_by_role("button", name="Chat settings of chat 1")
    button.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("Temperature: 0.25")
    say(page, "city=Ghent")
    expect_answer(page, "Ghent")
    inputs = read_call(weft, call_id(page))["inputs"]
    wanted = {
        "n": 3,
        "max_tokens": 4,
        "temperature": 0.25,
        "top_p": 0.5,
        "frequency_penalty": 0.1,
        "presence_penalty": 1,
        "stop": ["END"],
    }
    assert {name: inputs[name] for name in wanted} == wanted
    assert inputs["response_format"]["json_schema"]["name"] == "answer"
    answer = answers(page).last
    expect(answer).to_contain_text("Trial 1 of 3")
    answer.get_by_role("button", name="Next trial").click()
    expect(answer).to_contain_text("Trial 2 of 3")


def test_what_a_model_cannot_do_when_it_is_asked_for_then_it_is_disabled_with_the_reason(
    page: Page,
) -> None:
    page.goto(f"{PLAYGROUND}?models=test/thinker")
    page.get_by_role("button", name="Chat settings of chat 1").click()
    expect(page.get_by_role("button", name="Add function")).to_be_disabled()
    expect(page.get_by_text("Thinker calls no functions.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Attach images")).to_be_disabled()


def test_cut_stopped_and_failed_answers_when_they_end_then_each_says_so(page: Page) -> None:
    page.goto(f"{PLAYGROUND}?models=test/echo")
    say(page, "[[fake: tokens=400 delay_ms=20]] so it goes")
    expect(answers(page)).to_contain_text("so it goes so it goes")
    page.keyboard.press("Escape")
    answer = expect_answer(page, "Stopped")
    expect(answer).to_contain_text("so it goes so it goes")
    page.get_by_role("button", name="Chat settings of chat 1").click()
    field = page.get_by_label("Maximum tokens, as a number")
    field.fill("2")
    field.press("Enter")
    page.keyboard.press("Escape")
    say(page, "one two three")
    expect_answer(page, "Cut at maximum tokens")
    say(page, "[[fake: error_after=1]] a b")
    alert = answers(page).last.get_by_role("alert")
    expect(alert).to_contain_text("retry")
    expect(alert).to_contain_text("engine_failed")
    choose_model(page, "Short")
    say(page, "far too many words for a model that takes eight tokens")
    expect(answers(page).last.get_by_role("alert")).to_contain_text("context_length_exceeded")


def test_functions_when_called_then_their_result_is_given_and_the_model_goes_on(
    page: Page, weft: Weft
) -> None:
    page.goto(f"{PLAYGROUND}?models=test/echo")
    page.get_by_role("button", name="Chat settings of chat 1").click()
    page.get_by_role("button", name="Add function").click()
    drawer = page.get_by_role("dialog", name="Add function")
    editor = drawer.get_by_role("textbox", name="Function")
    expect(editor).to_contain_text("get_weather")
    editor.fill("{")
    expect(drawer.get_by_role("alert")).to_contain_text("not valid JSON")
    editor.fill(
        json.dumps({"name": "get_weather", "parameters": {"properties": {"location": {"type": "string"}}}})
    )
    drawer.get_by_role("button", name="Save function").click()
    page.keyboard.press("Escape")
    say(page, "get_weather location=Paris")
    calls = answers(page).last.get_by_role("list", name="Tool calls")
    expect(calls).to_contain_text("get_weather")
    expect(calls).to_contain_text('"location": "Paris"')
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    page.get_by_label("Result of get_weather").fill('{"temperature_c": 17}')
    page.get_by_role("button", name="Send result").click()
    expect(answers(page)).to_have_count(2)
    expect(answers(page).last.get_by_role("link", name="Usage and charge")).to_be_visible()
    sent = read_call(weft, call_id(page))["inputs"]["messages"]
    assert [each["role"] for each in sent] == ["user", "assistant", "tool"]
    assert sent[2]["content"] == '{"temperature_c": 17}'
    assert sent[2]["tool_call_id"] == sent[1]["tool_calls"][0]["id"]


def test_images_when_the_model_sees_then_they_are_sent_and_else_refused_in_a_sentence(
    page: Page, weft: Weft, tmp_path: Path
) -> None:
    import base64

    picture = tmp_path / "pixel.png"
    picture.write_bytes(base64.b64decode(PIXEL))
    (tmp_path / "note.txt").write_text("no picture")
    page.goto(f"{PLAYGROUND}?models=test/seer")
    page.get_by_label("Images").set_input_files(tmp_path / "note.txt")
    expect(page.get_by_text("note.txt is not a PNG, JPEG, WebP or GIF image.")).to_be_visible()
    page.get_by_label("Images").set_input_files(picture)
    expect(page.get_by_role("img", name="Attached 1")).to_be_visible()
    say(page, "what is it")
    expect_answer(page, "what is it")
    expect(answers(page).last).to_contain_text("19 in")
    inputs = read_call(weft, call_id(page))["inputs"]
    assert [part["type"] for part in inputs["messages"][0]["content"]] == ["text", "image_url"]
    choose_model(page, "Echo")
    expect(page.get_by_text("Echo reads text only, no images.").first).to_be_visible()


def test_code_when_run_then_it_asks_what_the_playground_asked(page: Page, weft: Weft) -> None:
    page.goto(f"{PLAYGROUND}?models=test/echo")
    chat(page).get_by_role("button", name="Add prompt message").click()
    page.get_by_label("Text of prompt message 1").fill("say \"it's\" so: \\ $HOME é🧵")
    page.get_by_role("button", name="Chat settings of chat 1").click()
    page.get_by_label("Temperature, as a number").fill("0.3")
    page.get_by_label("Number of trials, as a number").fill("2")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    composer = page.get_by_role("textbox", name="Message", exact=True)
    composer.fill("code me")
    composer.press("ControlOrMeta+Enter")
    page.get_by_role("button", name="View code of chat 1").click()
    python = page.get_by_role("region", name="Python").inner_text()
    take_screenshots(page, "playground-code")
    check_accessible(page)
    page.get_by_role("radio", name="curl").check(force=True)
    curl = page.get_by_role("region", name="curl").inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Send", exact=True).click()
    expect_answer(page, "code me")
    sent = read_call(weft, call_id(page))["inputs"]
    environ = {**os.environ, "WEFT_API_KEY": weft.key("--user", "ada")}
    for command in ([sys.executable, "-c", python], ["bash", "-c", curl]):
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "code" in done.stdout
        assert last_call(weft, beside=call_id(page))["inputs"] == sent


def last_call(weft: Weft, *, beside: str) -> dict[str, Any]:
    """The newest call of the project, once it is another one than `beside`."""
    found: list[dict[str, Any]] = []
    seen.add(beside)

    def look() -> bool:
        answer = httpx.post(
            f"{weft.console_url}traces/calls/stream_query",
            json={
                "project_id": f"{TEAM}/{PROJECT}",
                "sort_by": [{"field": "started_at", "direction": "desc"}],
                "limit": 1,
            },
            headers=weft.headers,
            timeout=PATIENCE_S,
        )
        found[:] = [json.loads(line) for line in answer.text.splitlines()]
        return bool(found) and found[0]["id"] not in seen

    wait_until(look)
    seen.add(found[0]["id"])
    return found[0]


seen: set[str] = set()


def test_chats_when_shared_or_reloaded_then_they_are_there_and_run_nothing(
    console: Console, weft: Weft
) -> None:
    nasty = "<img src=x onerror=alert(1)> [x](javascript:alert(2)) ![y](https://evil.example/y.png)"
    with console.page(permissions=["clipboard-read", "clipboard-write"]) as page:
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
    with console.page(phone=True, has_touch=True, is_mobile=True) as page:
        page.goto(f"{PLAYGROUND}?models=test/echo&models=test/thinker")
        expect(chat(page, 1)).to_be_in_viewport(ratio=0.9)
        expect(chat(page, 2)).not_to_be_in_viewport()
        page.get_by_role("navigation", name="Chats").get_by_role("button", name="Chat 2").click()
        expect(chat(page, 2)).to_be_in_viewport(ratio=0.9)
        expect(chat(page, 1)).not_to_be_in_viewport()
        say(page, "small screen")
        expect_answer(page, "small screen", 2)
        check_accessible(page)
