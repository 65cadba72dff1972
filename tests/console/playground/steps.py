"""What the tests of the Playground do again and again: choose, say, wait for an answer, look at what was sent."""

import json
import re
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from conformance.server import PATIENCE_S, PROJECT, TEAM, Weft, wait_until

PLAYGROUND = f"/{TEAM}/{PROJECT}/playground"


def chat(page: Page, number: int = 1) -> Locator:
    return page.get_by_role("region", name=f"Chat {number}", exact=True)


def choose_model(page: Page, label: str, number: int = 1) -> None:
    chat(page, number).get_by_role("button", name=re.compile("^(Select a model|Model) ")).click()
    page.get_by_role("menuitem", name="Serverless Inference").hover()
    page.get_by_role("menuitem", name=re.compile(f"^{label}")).click()


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def write(editor: Locator, text: str) -> None:
    """Replace what an editor of code holds, as somebody at a keyboard would."""
    editor.press("ControlOrMeta+a")
    editor.page.keyboard.insert_text(text)


def answers(page: Page, number: int = 1) -> Locator:
    return chat(page, number).get_by_role("article", name=re.compile("Assistant$"))


def expect_answer(page: Page, text: str, number: int = 1) -> Locator:
    """The last answer of a chat, once it says `text` and what it used is there."""
    answer = answers(page, number).last
    expect(answer).to_contain_text(text)
    expect(answer.get_by_role("link", name="Usage and charge")).to_be_visible()
    return answer


def call_id(page: Page, number: int = 1) -> str:
    return chat(page, number).get_by_test_id("call-id").inner_text()


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


def last_call(weft: Weft, *, beside: set[str]) -> dict[str, Any]:
    """The newest call of the project, once it is none of `beside`."""
    found: list[dict[str, Any]] = []

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
        return bool(found) and found[0]["id"] not in beside

    wait_until(look)
    return found[0]
