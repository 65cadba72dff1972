"""Versioned objects in a browser: lists, versions, differences, prompts and datasets that are made there, comparisons.

What the pages write is read back by the unmodified client.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from conformance.programs import CLIENTS_PYTHON, run_python
from conformance.server import PATIENCE_S, PROJECT, TEAM, Weft
from console.browser import Console, check_accessible, take_screenshots

PLACE = f"{TEAM}/{PROJECT}"
WEAVE = f"/{PLACE}/weave"
LONG_ROWS = 12_000
CODE = 'import weave\n\n@weave.op\ndef shout(text: str) -> str:\n    return text.upper() + "{}"\n'


@dataclass(frozen=True)
class World:
    """A server with versions of several kinds and calls in it."""

    weft: Weft
    digests: dict[str, str]
    """Of `name:v0` and so on."""
    calls: tuple[str, ...] = ("a", "b", "c")

    def post(self, path: str, body: dict[str, Any], method: str = "POST") -> Any:
        """Ask a route of traces as the administrator."""
        answer = httpx.request(
            method,
            f"{self.weft.console_url}traces/{path}",
            json=body,
            headers=self.weft.headers,
            timeout=PATIENCE_S,
        )
        assert answer.is_success, answer.text
        return answer.json()

    def publish(self, name: str, val: object) -> str:
        """A version of an object."""
        number = sum(known.startswith(f"{name}:") for known in self.digests)
        obj = {"project_id": PLACE, "object_id": name, "val": val}
        digest = self.post("obj/create", {"obj": obj})["digest"]
        self.digests[f"{name}:v{number}"] = digest
        return digest

    def dataset(self, name: str, rows: list[dict[str, Any]]) -> str:
        """A version of a dataset."""
        table = self.post("table/create", {"table": {"project_id": PLACE, "rows": rows}})["digest"]
        return self.publish(
            name,
            {
                "_type": "Dataset",
                "name": name,
                "description": None,
                "rows": f"weave:///{PLACE}/table/{table}",
                "_class_name": "Dataset",
                "_bases": ["Object", "BaseModel"],
            },
        )

    def op(self, name: str, code: str) -> str:
        """A version of an op, its code in a file."""
        answer = httpx.post(
            f"{self.weft.console_url}traces/file/create",
            data={"project_id": PLACE},
            files={"file": ("obj.py", code)},
            headers=self.weft.headers,
            timeout=PATIENCE_S,
        )
        assert answer.is_success, answer.text
        files = {"obj.py": answer.json()["digest"]}
        kind = {"type": "Op"}
        return self.publish(name, {"_type": "CustomWeaveType", "weave_type": kind, "files": files})

    def call(self, number: int, op: str, inputs: dict[str, Any]) -> str:
        """A call that ended."""
        call_id = f"01a00000-0000-7000-8000-00000000000{number}"
        usage = {"tiny": {"prompt_tokens": 10 * number, "completion_tokens": 5}}
        ended = f"2026-01-01T00:00:0{number}.500000Z"
        done = {
            "project_id": PLACE,
            "id": call_id,
            "trace_id": call_id,
            "op_name": op,
            "started_at": f"2026-01-01T00:00:0{number}.000000Z",
            "ended_at": ended,
            "attributes": {},
            "inputs": inputs,
            "output": {"answer": f"Answer {number}", "score": number / 4},
            "summary": {"usage": usage},
        }
        self.post(f"v2/{PLACE}/calls/complete", {"batch": [done]})
        return call_id


@pytest.fixture(scope="module")
def world(weft: Weft) -> World:
    world = World(weft, {})
    rows = [{"id": n, "question": f"What is {n} + {n}?", "answer": str(2 * n)} for n in range(30)]
    world.dataset("sums", rows)
    rows[3] = {**rows[3], "answer": "six"}
    world.dataset("sums", [*rows[:10], *rows[11:], {"id": 99, "question": "New?", "answer": "!"}])
    world.dataset("long", [{"n": n, "text": f"row {n} of many"} for n in range(LONG_ROWS)])
    world.publish("settings", {"threshold": 0.5, "words": ["a", "b"], "deep": {"on": True}})
    world.publish("settings", {"threshold": 0.75, "words": ["z", "a", "b"], "deep": {"on": True}})
    world.op("shout", CODE.format("!"))
    digest = world.op("shout", CODE.format("!!"))
    op = f"weave:///{PLACE}/op/shout:{digest}"
    setting = f"weave:///{PLACE}/object/settings:{world.digests['settings:v1']}"
    calls = tuple(
        world.call(number, op, {"question": f"Why {number}?", "settings": setting})
        for number in (1, 2, 3)
    )
    return World(weft, world.digests, calls)


def version_page(name: str, version: str, kind: str = "objects") -> str:
    return f"{WEAVE}/{kind}/{name}/versions/{version}"


def test_lists_when_opened_then_tell_versions_publisher_and_lead_to_each_kind(
    page: Page, world: World
) -> None:
    page.goto(f"/{PLACE}")
    page.get_by_role("navigation").get_by_role("link", name="Datasets").click()
    grid = page.get_by_role("grid", name="Datasets")
    expect(grid.get_by_role("row").filter(has_text="sums")).to_contain_text("v12")  # v1, 2 versions
    expect(grid.get_by_role("row").filter(has_text="sums")).to_contain_text("admin")
    page.get_by_role("searchbox", name="Search").fill("lon")
    expect(grid.get_by_role("row")).to_have_count(2)
    expect(page).to_have_url(re.compile("q=lon"))
    check_accessible(page)
    take_screenshots(page, "objects-datasets")
    kinds = page.get_by_role("navigation", name="Kinds")
    kinds.get_by_role("link", name="Models").click()
    expect(page.get_by_text("No models yet")).to_be_visible()
    expect(page.get_by_label("Python", exact=True)).to_contain_text("class Echo(weave.Model)")
    kinds.get_by_role("link", name="Ops").click()
    page.get_by_role("grid", name="Ops").get_by_role("link", name="shout").click()
    expect(page.get_by_label("Code of shout", exact=True)).to_contain_text('+ "!!"')
    calls = page.get_by_role("region", name="Calls of this version")
    expect(calls.get_by_role("row")).to_have_count(4)
    link = calls.get_by_role("link", name="Show 3 calls in Traces").get_attribute("href")
    assert link is not None
    assert "op_name" in link
    page.get_by_role("button", name="Compare with v0").click()
    removed = page.get_by_role("region", name="Difference of the code").locator("del")
    expect(removed).to_have_count(0)  # "!" became "!!": something came, nothing went
    check_accessible(page)
    take_screenshots(page, "objects-op-diff")


def test_version_when_named_and_compared_then_aliases_move_and_paths_tell_what_changed(
    page: Page, world: World
) -> None:
    page.goto(version_page("settings", "latest"))
    words = page.get_by_role("region", name="Aliases and tags")
    for word, kind in (("production", "alias"), ("reviewed", "tag")):
        words.get_by_label(re.compile(f"Add an? {kind}")).fill(word)
        words.get_by_role("button", name=re.compile(f"^Add an? {kind}")).click()
        expect(words.get_by_role("button", name=f"Remove {kind} {word}")).to_be_visible()
    page.get_by_role("region", name="Versions").get_by_role("button", name="v0", exact=True).click()
    page.get_by_role("button", name="Move @production here (from v1)").click()
    expect(words.get_by_role("button", name="Remove alias production")).to_be_visible()
    assert (
        world.post(
            "obj/read", {"project_id": PLACE, "object_id": "settings", "digest": "production"}
        )["obj"]["val"]["threshold"]
        == 0.5
    )
    page.goto(f"{version_page('settings', 'v1')}?against=production&only=true")
    changes = page.get_by_role("region", name="Difference of the values").get_by_role("row")
    expect(changes).to_have_count(3)
    expect(changes.nth(1)).to_contain_text("threshold changed0.50.75")
    expect(changes.nth(2)).to_contain_text("words[0] added")
    expect(page.get_by_role("region", name="Calls that took this version")).to_contain_text("shout")
    check_accessible(page)
    take_screenshots(page, "objects-value-diff")
    page.get_by_role("radio", name="Unified").check(force=True)
    expect(page).to_have_url(re.compile("layout=unified"))
    expect(page.locator("ins").first).to_be_visible()


def test_dataset_when_of_twelve_thousand_rows_then_pages_come_and_versions_differ_by_rows(
    page: Page, world: World
) -> None:
    page.goto(version_page("long", "v0"))
    rows = page.get_by_role("region", name="Rows", exact=True)
    expect(rows).to_contain_text("12,000 rows, 500 of them here")
    grid = page.get_by_role("grid", name="Rows of long")
    grid.get_by_role("row").nth(1).focus()
    page.keyboard.press("End")
    expect(rows).to_contain_text("1,000 of them here")
    assert grid.get_by_role("row").count() < 60, "only rows in sight are drawn"
    page.goto(f"{version_page('sums', 'v1')}?against=v0&only=true")
    status = page.get_by_role("region", name="Changes from v0 to v1").get_by_role("status")
    expect(status).to_have_text("1 row added1 row removed1 row changed28 rows the same")
    diff = page.get_by_role("grid", name="Difference of the rows")
    expect(diff.get_by_role("row")).to_have_count(4)
    expect(diff.get_by_role("row").filter(has_text="changed")).to_contain_text("6 six")
    check_accessible(page)
    take_screenshots(page, "objects-dataset-diff")


def write_prompt(page: Page) -> None:
    """A prompt of two versions; production moves, and the Playground has it."""
    page.goto(f"{WEAVE}/prompts")
    page.get_by_role("link", name="New prompt").click()
    page.get_by_label("Name", exact=True).fill("helper")
    page.get_by_label("Message 1", exact=True).fill("You are a {role}.")
    page.get_by_label("Message 2", exact=True).fill("{question}")
    page.get_by_label("@production").check()
    check_accessible(page)
    take_screenshots(page, "objects-new-prompt")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/objects/helper/versions/**")
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Variables:rolequestion")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Message 1", exact=True).fill("You are a patient {role}.")
    changes = page.get_by_role("region", name="Changes from v0")
    expect(changes.locator("ins")).to_have_text("patient ")
    page.get_by_label("@production").check()
    expect(page.get_by_text("Now v0: it moves.")).to_be_visible()
    page.get_by_role("button", name="Publish new version").click()
    page.wait_for_url("**/objects/helper/versions/**")
    versions = page.get_by_role("region", name="Versions").get_by_role("listitem")
    expect(versions).to_have_count(2)
    expect(versions.first).to_contain_text("@production")
    check_accessible(page)
    take_screenshots(page, "objects-prompt")
    page.get_by_role("button", name="Open in Playground").click()
    page.wait_for_url("**/playground**")
    expect(page.get_by_text("You are a patient {role}.").first).to_be_visible()


def write_dataset(page: Page) -> None:
    """A dataset of a file, edited; its version shows the changed row."""
    page.goto(f"{WEAVE}/datasets")
    page.get_by_role("link", name="New dataset").click()
    page.get_by_label("File of rows", exact=True).set_input_files(
        {
            "name": "cities.csv",
            "mimeType": "text/csv",
            "buffer": b"city,country\nParis,France\nRome,Italia\n",
        }
    )
    expect(page.get_by_label("Name", exact=True)).to_have_value("cities")
    grid = page.get_by_role("grid", name="Rows of the new dataset")
    expect(grid).to_contain_text("Italia")
    check_accessible(page)
    take_screenshots(page, "objects-new-dataset")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/objects/cities/versions/**")
    page.get_by_role("link", name="Edit rows").click()
    page.get_by_role("grid", name="Rows of cities").get_by_text("Italia").dblclick()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Italy")
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="Changes").check(force=True)
    expect(page.get_by_role("grid", name="Your changes")).to_contain_text("Italia Italy")
    check_accessible(page)
    page.get_by_role("button", name="Publish new version").click()
    page.wait_for_url("**/objects/cities/versions/**against=**")
    diff = page.get_by_role("grid", name="Difference of the rows")
    expect(diff.get_by_role("row").nth(1)).to_contain_text("Italia Italy")


def add_calls(page: Page, world: World) -> None:
    """A dataset of calls; rows keep their source and come once."""
    page.goto(f"{WEAVE}/datasets/add?calls={','.join(world.calls[:2])}")
    page.get_by_label("Name of the dataset").fill("from-calls")
    page.get_by_label("Name of column 2").fill("expected")
    page.get_by_label("Field for expected").select_option("output.answer")
    preview = page.get_by_role("grid", name="Rows to be published")
    expect(preview).to_contain_text("Answer 2")
    check_accessible(page)
    take_screenshots(page, "objects-from-calls")
    page.get_by_role("button", name="Publish 2 rows").click()
    page.wait_for_url("**/objects/from-calls/versions/**")
    page.goto(f"{WEAVE}/datasets/add?calls={','.join(world.calls)}")
    page.get_by_role("radio", name="Existing dataset").check(force=True)
    page.get_by_label("Dataset", exact=True).select_option("from-calls")
    expect(page.get_by_text("2 calls left out")).to_be_visible()
    expect(page.get_by_label("Field for question")).to_have_value("inputs.question")
    page.get_by_label("Field for expected").select_option("output.answer")
    page.get_by_role("button", name="Publish 1 row").click()
    page.wait_for_url("**/objects/from-calls/versions/**")
    expect(page.get_by_role("grid", name="Rows of from-calls")).to_contain_text("Answer 3")


def test_comparison_when_calls_are_chosen_then_baseline_order_and_differences_are_in_the_address(
    console: Console, page: Page, world: World
) -> None:
    one, two, three = world.calls
    page.goto(f"{WEAVE}/compare?calls={one},{two}")
    page.get_by_label("Id of another call").fill(f"weave:///{PLACE}/call/{three}")
    page.keyboard.press("Enter")
    table = page.get_by_role("region", name="Summary")
    tokens = table.get_by_role("row").filter(has_text="Input tokens")
    expect(tokens).to_have_text("Input tokens1020+1030+20")
    page.get_by_role("radio", name="Multiple").check(force=True)
    expect(tokens).to_have_text(
        "Input tokens10202\N{MULTIPLICATION SIGN}303\N{MULTIPLICATION SIGN}"
    )
    table.get_by_role("button", name=re.compile("^Make baseline")).nth(1).click()
    expect(page).to_have_url(re.compile(f"base={three}"))
    page.get_by_role("radio", name="Percent").check(force=True)
    expect(tokens).to_have_text("Input tokens10\N{MINUS SIGN}66.7 %20\N{MINUS SIGN}33.3 %30")
    table.get_by_role("button", name=re.compile("left$")).nth(2).click()
    expect(page).to_have_url(re.compile(f"calls={one}(,|%2C){three}(,|%2C){two}"))
    check_accessible(page)
    take_screenshots(page, "objects-compare-summary")
    page.get_by_role("radio", name="Side by side").check(force=True)
    page.get_by_label("Diff only").check()
    side = page.get_by_role("region", name="Side by side")
    expect(side.get_by_role("row").filter(has_text="inputs.question")).to_contain_text("Why 1?")
    expect(side.get_by_role("row").filter(has_text="inputs.settings")).to_have_count(0)
    check_accessible(page)
    take_screenshots(page, "objects-compare-side")
    page.get_by_role("radio", name="Unified").check(force=True)
    expect(page.get_by_text("Unified shows two")).to_be_visible()
    page.get_by_role("button", name="3 of 3 shown").click()
    page.get_by_role("dialog").get_by_role("checkbox").first.uncheck()
    page.keyboard.press("Escape")
    unified = page.get_by_role("region", name="Unified")
    expect(unified.locator("del").first).to_be_visible()
    names = [f"sums:{world.digests['sums:v0']}", f"sums:{world.digests['sums:v1']}"]
    with console.page(username="ada", phone=True, dark=True) as phone:
        phone.goto(f"{WEAVE}/compare?objects={','.join(names)}&view=unified&only=true")
        expect(phone.get_by_role("grid", name="Difference of the rows")).to_contain_text("removed")
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        check_accessible(phone)


def test_objects_when_deleted_then_are_gone_and_others_are_not(page: Page, world: World) -> None:
    for n in range(2):
        world.publish("gone", {"n": n})
    page.goto(version_page("gone", "v1"))
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete version").click()
    grid = page.get_by_role("grid", name="Others")
    row = grid.get_by_role("row").filter(has_text="gone")
    expect(row).to_contain_text("v01")  # v0, 1 version
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(row).to_have_count(0)
    expect(grid.get_by_role("row").filter(has_text="settings")).to_have_count(1)
    answer = httpx.post(
        f"{world.weft.console_url}traces/obj/read",
        json={"project_id": PLACE, "object_id": "gone", "digest": "v0"},
        headers=world.weft.headers,
        timeout=PATIENCE_S,
    )
    assert answer.status_code == 404


READER = f"""
import json, weave
weave.init("{PLACE}")
prompt = weave.ref("helper:production").get()
cities, calls = weave.ref("cities").get(), weave.ref("from-calls").get()
print(json.dumps({{
    "classes": [type(one).__name__ for one in (prompt, cities, calls)],
    "said": prompt.format(role="cook", question="Why?"),
    "cities": [dict(row) for row in cities.rows],
    "calls": [dict(row) for row in calls.rows],
}}, default=lambda ref: ref.uri))
"""


def test_prompts_and_datasets_when_made_in_the_pages_then_the_client_reads_its_own_classes(
    page: Page, world: World
) -> None:
    write_prompt(page)
    write_dataset(page)
    add_calls(page, world)
    printed = run_python(
        READER,
        world.weft,
        python=CLIENTS_PYTHON,
        WANDB_BASE_URL=world.weft.console_url.rstrip("/"),
        WANDB_API_KEY=world.weft.api_key,
        WANDB_ERROR_REPORTING="false",
    )
    told = json.loads(printed.strip().splitlines()[-1])
    assert told["classes"] == ["MessagesPrompt", "Dataset", "Dataset"]
    assert told["said"][0] == {"role": "system", "content": "You are a patient cook."}
    assert told["cities"][1] == {"city": "Rome", "country": "Italy"}
    assert [row["expected"] for row in told["calls"]] == ["Answer 1", "Answer 2", "Answer 3"]
    assert told["calls"][0]["source_call"] == f"weave:///{PLACE}/call/{world.calls[0]}"
