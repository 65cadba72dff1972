"""What a chat of the Playground sends, and what becomes of it: settings, messages, functions, images, code, failures.

`test/echo` does as it is told in `[[fake: ...]]`; `test/thinker` calls no functions; `test/seer` sees.
"""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from conformance.server import Weft
from console.browser import check_accessible, take_screenshots
from console.playground.steps import (
    PLAYGROUND,
    answers,
    call_id,
    chat,
    choose_model,
    expect_answer,
    last_call,
    read_call,
    say,
    write,
)

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


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


def test_prompt_when_saved_then_another_chat_begins_with_it(page: Page) -> None:
    page.goto(f"{PLAYGROUND}?models=test/echo&models=test/echo")
    chat(page).get_by_role("button", name="Add prompt message").click()
    page.get_by_label("Text of prompt message 1").fill("weave slowly")
    chat(page).get_by_role("button", name="Saved prompts for chat 1").click()
    page.get_by_role("menuitem", name="Save this prompt").click()
    page.get_by_label("Name").fill("Slow")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved the prompt Slow.")).to_be_visible()
    chat(page, 2).get_by_role("button", name="Saved prompts for chat 2").click()
    page.get_by_role("menuitem", name="Slow").click()
    expect(chat(page, 2).get_by_label("Text of prompt message 1")).to_have_value("weave slowly")


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
    write(editor, '{"type": "thing"}')
    expect(schema.get_by_role("alert")).to_contain_text('no type "thing"')
    expect(schema.get_by_role("button", name="Save schema")).to_be_disabled()
    write(editor, '{"type": "object", "properties": {"city": {"type": "string"}}}')
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


def test_long_paragraph_when_it_is_written_then_its_marks_show_from_the_first_to_the_last_word(
    page: Page,
) -> None:
    page.goto(f"{PLAYGROUND}?models=test/echo")
    words = "**warp** and `weft` go _over_ and under, thread by thread, "
    say(page, f"[[fake: tokens=300 delay_ms=10]] {words}")
    paragraph = answers(page).locator("p", has=page.locator("strong"))
    expect(paragraph.locator("> span").nth(3)).to_be_visible()  # it is read piece by piece
    expect(paragraph).not_to_contain_text("**warp** and")
    answer = expect_answer(page, "warp and weft")
    expect(paragraph.locator("> span")).to_have_count(0)  # and once whole, as one
    expect(paragraph).to_have_count(1)
    plain = " ".join(("warp and weft go over and under, thread by thread, " * 30).split())
    expect(paragraph).to_have_text(plain)
    expect(answer.locator("strong")).to_have_count(30)


SHRUNK = """() => {
  let longest = 0;
  window.__shrunk = 0;
  const look = () => {
    const length = document.querySelector("main").textContent.length;
    window.__shrunk = Math.max(window.__shrunk, longest - length);
    longest = Math.max(longest, length);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def test_paragraph_when_it_turns_into_something_else_then_none_of_it_goes_meanwhile(
    page: Page,
) -> None:
    page.goto(f"{PLAYGROUND}?models=test/echo")
    say(page, "Hello")
    expect_answer(page, "Hello")
    page.evaluate(SHRUNK)
    say(page, f"[[fake: tokens=260 delay_ms=5]] {'word ' * 200}| {'more ' * 50}")
    expect_answer(page, "more more")
    assert page.evaluate("window.__shrunk") < 100


def test_cold_model_when_asked_then_the_wait_is_explained(page: Page) -> None:
    page.goto(f"{PLAYGROUND}?models=test/sleepy")
    say(page, "good morning")
    expect(answers(page).get_by_role("status")).to_contain_text("The model is being loaded: about")
    expect_answer(page, "good morning")


def test_refusal_when_a_limit_is_in_the_way_then_its_reason_is_a_click_away(
    page: Page, weft: Weft
) -> None:
    weft.cli("limit", "set", "user", "ada", "--requests", "0")
    try:
        page.goto(f"{PLAYGROUND}?models=test/echo")
        say(page, "let me in")
        alert = answers(page).last.get_by_role("alert")
        expect(alert).to_contain_text("ada")
        why = alert.get_by_role("link", name="Why was I refused?").get_attribute("href")
        assert why == f"/requests/{call_id(page)}"
    finally:
        weft.cli("limit", "set", "user", "ada", "--requests", "100000")


def test_functions_when_called_then_their_result_is_given_and_the_model_goes_on(
    page: Page, weft: Weft
) -> None:
    page.goto(f"{PLAYGROUND}?models=test/echo")
    page.get_by_role("button", name="Chat settings of chat 1").click()
    page.get_by_role("button", name="Add function").click()
    drawer = page.get_by_role("dialog", name="Add function")
    editor = drawer.get_by_role("textbox", name="Function")
    expect(editor).to_contain_text("get_weather")
    write(editor, "{")
    expect(drawer.get_by_role("alert")).to_contain_text("not valid JSON")
    write(
        editor,
        json.dumps(
            {"name": "get_weather", "parameters": {"properties": {"location": {"type": "string"}}}}
        ),
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
    picture = tmp_path / "pixel.png"
    picture.write_bytes(base64.b64decode(PIXEL))
    (tmp_path / "note.txt").write_text("no picture")
    page.goto(f"{PLAYGROUND}?models=test/seer")
    page.get_by_label("Files to attach").set_input_files(tmp_path / "note.txt")
    expect(page.get_by_text("note.txt is not a PNG, JPEG, WebP or GIF image.")).to_be_visible()
    page.get_by_label("Files to attach").set_input_files(picture)
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
    page.get_by_label("Text of prompt message 1").fill('say "it\'s" so: \\ $HOME é🧵')
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
    seen = {call_id(page)}
    for command in ([sys.executable, "-c", python], ["bash", "-c", curl]):
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "code" in done.stdout
        call = last_call(weft, beside=seen)
        assert call["inputs"] == sent
        seen.add(call["id"])
