"""A call's page: the trace as a tree, a flame graph and its code; what a call holds, and what people say of it."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from conformance.server import Weft
from console.browser import Console, check_accessible, take_screenshots
from console.call.trace import (
    CODE,
    HOSTILE,
    PLACE,
    Traced,
    write_feedback,
    write_thread,
    write_trace,
)

CALL = f"/{PLACE}/r/call"


@pytest.fixture(scope="module")
def traced(weft: Weft) -> Traced:
    traced = Traced(weft)
    write_trace(traced)
    write_trace(traced, "own")
    write_feedback(traced)
    write_thread(traced)
    return traced


@pytest.fixture
def fetched(page: Page) -> Iterator[list[str]]:
    """What the page asks of other servers."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "example.com" in one.url else None)
    yield asked
    assert not asked


def shown(page: Page, tab: str) -> None:
    page.get_by_role("tab", name=tab).click()
    expect(page).to_have_url(re.compile(f"tab={tab.lower()}" if tab != "Call" else "call"))


def test_tree_when_moved_in_by_keys_then_the_address_and_the_details_follow(
    page: Page, traced: Traced
) -> None:
    page.goto(f"{CALL}/agent-call")
    tree = page.get_by_role("tree", name="Calls of the trace")
    items = tree.get_by_role("treeitem")
    expect(items).to_have_count(4)
    # Its own tokens are the chat's: counted once, at the project's price.
    expect(items.first).to_contain_text("$0.002742.62k tok3 s")
    tree.focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("/r/call/chat-call$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("openai.chat.completions.create")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(items).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    expect(page).to_have_url(re.compile("/r/call/tool-call$"))
    error = page.get_by_role("region", name="Exception")
    expect(error).to_contain_text('File "loom.py", line 3, in pull')
    expect(error).to_contain_text("ValueError: the thread broke")
    page.get_by_role("searchbox", name="Name or regular expression").fill("^dr.w")
    expect(items).to_have_count(2)
    expect(page.get_by_text("1 of 4 calls")).to_be_visible()
    expect(page).to_have_url(re.compile("name="))
    page.reload()
    expect(items).to_have_count(2)


def test_views_when_the_trace_is_a_flame_or_its_code_then_calls_are_chosen_there_too(
    page: Page, traced: Traced
) -> None:
    page.goto(f"{CALL}/agent-call")
    page.get_by_label("Flame", exact=True).check(force=True)
    flame = page.get_by_role("group", name="Flame graph")
    flame.get_by_role("button", name="pull, 300 ms, failed").click()
    expect(page).to_have_url(re.compile("/r/call/tool-call.*view=flame"))
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("/r/call/draw-call.*view=flame"))
    check_accessible(page)
    take_screenshots(page, "call-flame")
    page.get_by_label("Code", exact=True).check(force=True)
    ops = page.get_by_role("region", name="Code composition")
    expect(ops.get_by_role("row").filter(has_text="openai.chat")).to_contain_text("2.62k$0.00274")
    check_accessible(page)
    ops.get_by_role("button", name="draw", exact=True).click()
    expect(page.get_by_role("treeitem")).to_have_count(2)


def test_call_when_it_holds_media_and_tables_then_each_is_what_it_is(
    page: Page, traced: Traced, fetched: list[str]
) -> None:
    page.goto(f"{CALL}/draw-call")
    output = page.get_by_role("region", name="Output", exact=True)
    picture = output.get_by_role("img", name="picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 8
    sound = output.locator("audio")
    sound.evaluate("one => { one.preload = 'auto'; one.load(); }")
    page.wait_for_function("() => document.querySelector('audio').duration > 0.09")
    rows = output.get_by_role("grid", name="rows: 30 rows")
    expect(rows.get_by_role("row").nth(1)).to_contain_text("red")
    expect(output).to_contain_text("+threads = 8")
    agent = page.get_by_role("region", name="Inputs").get_by_role("link")
    expect(agent).to_have_attribute("href", re.compile(f"/{PLACE}/weave/ops/agent/versions/"))
    check_accessible(page)
    take_screenshots(page, "call-media")
    page.goto(f"{CALL}/agent-call")
    inputs = page.get_by_role("region", name="Inputs")
    expect(inputs).to_contain_text(HOSTILE)
    before = len(inputs.inner_text())
    inputs.get_by_role("button", name=re.compile("^Show all")).click()
    assert len(inputs.inner_text()) > before + 10_000
    assert page.evaluate("window.hit") is None


def test_tabs_when_opened_then_chat_code_scores_and_figures_are_there(
    page: Page, traced: Traced
) -> None:
    page.goto(f"{CALL}/chat-call?tab=chat")
    talk = page.get_by_role("list", name="Conversation")
    expect(talk.get_by_role("img")).to_be_visible()
    expect(talk.locator("strong")).to_have_text("warp")
    talk.get_by_text("Reasoning").click()
    expect(talk.get_by_text("Think of cloth.")).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "call-chat")
    page.goto(f"{CALL}/agent-call")
    shown(page, "Code")
    expect(page.get_by_role("region", name="Code of agent")).to_contain_text(CODE.splitlines()[1])
    shown(page, "Scores")
    score = page.get_by_role("list", name="Scores").get_by_role("listitem")
    expect(score).to_contain_text("failed")
    expect(score.get_by_role("link", name="its call")).to_have_attribute(
        "href", f"{CALL}/tool-call"
    )
    shown(page, "Summary")
    expect(page.get_by_role("region", name="Calls", exact=True)).to_contain_text("Failed1")
    expect(page.get_by_role("region", name="Models")).to_contain_text("2,500120$0.00274")
    check_accessible(page)
    shown(page, "Use")
    expect(page.get_by_role("region", name="curl", exact=True)).to_contain_text("agent-call")


def test_feedback_when_given_then_listed_and_ones_own_can_be_removed(
    console: Console, page: Page, traced: Traced
) -> None:
    page.goto(f"{CALL}/agent-call?tab=feedback")
    page.get_by_role("button", name="React with 🎉").click()
    said = page.get_by_role("list", name="Feedback").get_by_role("listitem")
    expect(said).to_have_count(1)
    page.get_by_role("textbox", name="Note").fill("Well woven")
    page.get_by_role("button", name="Add note").click()
    expect(said).to_have_count(2)
    page.get_by_role("textbox", name="Quality").fill("9")
    expect(page.get_by_role("button", name="Save Quality")).to_be_disabled()
    page.get_by_role("textbox", name="Quality").fill("4")
    page.get_by_role("button", name="Save Quality").click()
    expect(said).to_have_count(3)
    expect(said.first).to_contain_text("quality")
    check_accessible(page)
    take_screenshots(page, "call-feedback")
    page.get_by_role("button", name="Remove your note").click()
    expect(said).to_have_count(2)
    kept = feedback_on(traced, "agent-call")
    assert sorted(one["feedback_type"] for one in kept) == [
        "wandb.annotation.quality",
        "wandb.reaction.1",
        "wandb.runnable.Toxicity",
    ]
    with console.page(username="ada", phone=True, dark=True) as hers:
        hers.goto(f"{CALL}/agent-call?tab=feedback")
        expect(hers.get_by_role("list", name="Feedback").get_by_role("listitem")).to_have_count(2)
        expect(hers.get_by_role("button", name=re.compile("^Remove"))).to_have_count(0)


def feedback_on(traced: Traced, call: str) -> list[dict[str, Any]]:
    kept = traced.post("/feedback/query", {"project_id": PLACE})["result"]
    return [one for one in kept if one["weave_ref"] == f"weave:///{PLACE}/call/{call}"]


def test_queue_when_calls_are_put_in_and_judged_by_keyboard_then_answers_are_feedback(
    page: Page, traced: Traced
) -> None:
    page.goto(f"/{PLACE}/weave/annotation-queues/add?calls=turn-0,turn-1")
    page.get_by_role("textbox", name="Name", exact=True).fill("To judge")
    page.get_by_role("checkbox", name="Quality").check()
    page.get_by_role("button", name="Add 2 calls").click()
    expect(page.get_by_role("heading", name="To judge")).to_be_visible()
    expect(page.get_by_role("region", name="Call 1", exact=True)).to_be_focused()
    page.get_by_role("textbox", name="Quality").fill("4")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.get_by_text("1 of 2 done")).to_be_visible()
    expect(page.get_by_role("region", name="Call 2", exact=True)).to_be_focused()
    check_accessible(page)
    take_screenshots(page, "queue")
    page.keyboard.press("s")
    expect(page.get_by_text("2 of 2 done")).to_be_visible()
    (answer,) = feedback_on(traced, "turn-0")
    assert (answer["feedback_type"], answer["payload"]) == (
        "wandb.annotation.quality",
        {"value": 4},
    )
    page.reload()
    expect(page.get_by_text("Nothing to do here")).to_be_visible()
    page.get_by_role("radio", name="Done").check(force=True)
    expect(page.get_by_role("region", name="Answers so far")).to_contain_text("Quality 4")
    check_accessible(page)
    take_screenshots(page, "queue-done")
    judged, skipped = list(csv.DictReader(exported(page, "CSV").splitlines()))
    assert (judged["call_id"], judged["state"], judged["quality"]) == ("turn-0", "completed", "4")
    assert (judged["annotator"], judged["position"]) == (answer["wb_user_id"], "1")
    assert (skipped["call_id"], skipped["state"], skipped["quality"]) == ("turn-1", "skipped", "")
    whole, _ = (json.loads(line) for line in exported(page, "JSONL").splitlines())
    assert whole["inputs"] == json.loads(judged["inputs"])
    [annotation] = whole["annotations"]
    assert (annotation["question"], annotation["value"]) == ("quality", 4)


def exported(page: Page, form: str) -> str:
    """The text of the file that the queue's screen gives."""
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile(f"^{form}\\b")).click()
    assert download.value.suggested_filename == f"To-judge.{form.lower()}"
    return Path(download.value.path()).read_text()


def test_actions_when_used_then_renamed_opened_in_the_playground_and_deleted(
    page: Page, traced: Traced
) -> None:
    page.goto(f"{CALL}/own-chat")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("ask the loom")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("ask the loom")
    page.get_by_role("button", name="More").click()
    compare = page.get_by_role("menuitem", name="Compare")
    expect(compare).to_have_attribute("href", f"/{PLACE}/weave/compare?calls=own-chat")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Open chat in Playground").click()
    page.wait_for_url(f"**/{PLACE}/playground**")
    expect(page.get_by_text("What is this?").first).to_be_visible()
    page.goto(f"/{PLACE}/weave/calls/own-draw")
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile(f"{CALL}/own-agent"))
    expect(page.get_by_role("treeitem")).to_have_count(3)
    page.goto(f"{CALL}/own-draw")
    expect(page.get_by_text("The call own-draw is not there")).to_be_visible()


def test_threads_when_one_is_opened_then_its_turns_and_what_was_said(
    page: Page, traced: Traced
) -> None:
    page.goto(f"/{PLACE}/weave/threads")
    row = page.get_by_role("grid", name="Threads").get_by_role("row").nth(1)
    expect(row).to_contain_text("thread-one2")
    search = page.get_by_role("searchbox", name="Search names and what was said")
    search.fill("nobody said this")
    expect(page.get_by_text("No thread has “nobody said this” in it")).to_be_visible()
    search.fill("NOW WE WEAVE")
    row.click()
    expect(page).to_have_url(re.compile("thread=thread-one"))
    drawer = page.get_by_role("dialog", name="Thread thread-one")
    expect(drawer.get_by_role("region", name="Turn 2")).to_contain_text("Now we weave")
    turns = drawer.get_by_role("navigation", name="Turns").get_by_role("button")
    expect(turns.last).to_have_attribute("aria-current", "true")
    turns.first.click()
    expect(turns.first).to_have_attribute("aria-current", "true")
    check_accessible(page)
    take_screenshots(page, "threads")
    drawer.get_by_role("link", name="converse").first.click()
    expect(page).to_have_url(re.compile(f"{CALL}/turn-0"))
