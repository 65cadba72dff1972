"""The table of traces in a browser: filters, sorts, columns, views, live tail, and calls taken elsewhere or deleted."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from conformance.programs import CLIENTS_PYTHON, run_python
from conformance.server import Weft
from console.browser import Console, check_accessible, take_screenshots
from console.traces.conftest import FAILED, TRACES, Traced, a_call, a_project


def cell(page: Page, row: int, column: str) -> Locator:
    """A cell of a row that is shown, by the header of its column."""
    expect(page.get_by_role("columnheader", name=column).first).to_be_visible()
    headers = page.get_by_role("columnheader").all_inner_texts()
    at = next(place for place, text in enumerate(headers) if text.strip() == column)
    return page.locator(f'[data-index="{row}"]').get_by_role("gridcell").nth(at)


def add_filter(page: Page, field: str, condition: str, value: str) -> None:
    """Add a filter as a reader does."""
    page.get_by_role("button", name="Add filter").click()
    editor = page.get_by_role("dialog", name="Add a filter")
    editor.get_by_label("Field").fill(field)
    editor.get_by_label("Condition").select_option(condition)
    if value:
        editor.get_by_label("Value").fill(value)
    editor.get_by_role("button", name="Add", exact=True).click()
    expect(editor).to_be_hidden()


def counted(page: Page, text: str) -> None:
    """Wait until the table says how many calls there are."""
    expect(page.get_by_role("status").filter(has_text=re.compile("call"))).to_contain_text(text)


def test_table_when_filtered_and_sorted_then_rows_fit_and_the_address_keeps_it(
    page: Page, traced: Traced
) -> None:
    page.goto(f"/{traced.place}")
    page.wait_for_url(f"**{traced.address}")
    counted(page, f"{TRACES} calls")
    expect(cell(page, 0, "inputs.user.name")).to_have_text("Ada")
    expect(cell(page, 0, "inputs.judge")).to_have_text("judge:aaaaaa")
    expect(cell(page, 0, "inputs.question")).to_contain_text(f"What is {TRACES - 1}, <b>or</b>")
    expect(cell(page, 0, "Tokens")).to_have_text(str(100 + TRACES - 1))
    check_accessible(page)
    take_screenshots(page, "traces")
    # Sort by a figure, a derived one and an input; then filter.
    for column, first in (("Latency", "249 ms"), ("Tokens", "339")):
        page.get_by_role("button", name=column, exact=True).click()
        expect(cell(page, 0, column)).to_have_text(first)
    page.get_by_role("button", name="inputs.number").click()
    expect(cell(page, 0, "inputs.number")).to_have_text(str(TRACES - 1))
    page.get_by_role("button", name="inputs.number").click()
    expect(cell(page, 0, "inputs.number")).to_have_text("0")
    add_filter(page, "inputs.number", "<", "20")
    counted(page, "20 calls")
    add_filter(page, "inputs.user.name", "equals", "Grace")
    counted(page, "7 calls")
    page.get_by_role("combobox", name="Status").select_option("error")
    counted(page, "1 call")
    page.reload()
    counted(page, "1 call")
    expect(page.get_by_role("list", name="Filters").get_by_role("listitem")).to_have_count(4)
    page.get_by_role("button", name="Remove the filter inputs.user.name equals Grace").click()
    counted(page, f"{FAILED} calls")
    page.get_by_role("button", name="Change the filter inputs.number < 20").click()
    editor = page.get_by_role("dialog", name="Change the filter")
    check_accessible(page)
    editor.get_by_label("Value").fill("2")
    editor.get_by_role("button", name="Change").click()
    counted(page, "2 calls")
    page.go_back()
    counted(page, f"{FAILED} calls")
    page.get_by_text("All calls", exact=True).click()
    page.get_by_role("combobox", name="Status").select_option("")
    add_filter(page, "output.answer", "is empty", "")
    counted(page, f"{FAILED} calls")
    add_filter(page, "inputs.question", "contains", "nobody asks this")
    expect(page.get_by_text("No call is like that")).to_be_visible()
    page.get_by_role("button", name="Remove all filters").click()
    counted(page, f"{2 * TRACES} calls")


def test_table_when_scrolled_then_rows_come_from_the_server_and_a_call_opens_and_the_way_back_leads_there(
    page: Page, traced: Traced
) -> None:
    page.goto(f"{traced.address}?all=true")
    counted(page, f"{2 * TRACES} calls")
    grid = page.get_by_role("grid")
    grid.evaluate("element => { element.scrollTop = element.scrollHeight }")
    last = cell(page, 2 * TRACES - 1, "inputs.number")
    expect(last).to_have_text("0")
    page.locator(f'[data-index="{2 * TRACES - 1}"]').get_by_role("link").first.click()
    page.wait_for_url(re.compile(f"/{traced.place}/r/call/"))
    page.go_back()
    expect(last).to_have_text("0")


def test_columns_when_chosen_pinned_and_moved_then_the_address_keeps_them(
    page: Page, traced: Traced
) -> None:
    page.goto(traced.address)
    page.get_by_role("button", name="Columns").click()
    drawer = page.get_by_role("dialog", name="Columns")
    drawer.get_by_role("checkbox", name="Latency").uncheck()
    drawer.get_by_role("checkbox", name="attributes.env").check()
    drawer.get_by_role("button", name="Pin inputs.number").click()
    drawer.get_by_role("button", name="Move Tokens up").click()
    check_accessible(page)
    drawer.get_by_role("button", name="Done").click()
    page.reload()
    expect(cell(page, 0, "attributes.env")).to_have_text("test")
    headers = [text.strip() for text in page.get_by_role("columnheader").all_inner_texts()]
    assert headers[1:6] == ["Trace", "inputs.number", "Status", "Tokens", "Started"]
    assert "Latency" not in headers


CLIENT = """
import weave
from weave.flow.saved_view import SavedView

client = weave.init("{place}")
found = client.server.objs_query({{
    "project_id": "{place}",
    "filter": {{"base_object_classes": ["SavedView"], "latest_only": True}},
}}).objs
view = SavedView.load("weave:///{place}/object/" + found[0].object_id + ":latest")
print(view.label, [call.inputs["number"] for call in view.get_calls()])
view.add_filter("inputs.user.name", "equals", "Ada").rename("Large ones of Ada").save()
own = SavedView("traces", "Failed ones").add_filter("Status", "equals", "error")
own.filter_op("answer").add_sort("inputs.number", "asc").add_columns("id", "inputs.number").save()
"""


def test_views_when_saved_here_or_by_the_client_then_either_reads_the_others(
    page: Page, weft: Weft, tmp_path: Path
) -> None:
    traced = a_project(weft, "views", 10)
    page.goto(traced.address)
    counted(page, "10 calls")
    add_filter(page, "inputs.number", ">", "5")
    page.get_by_role("button", name="inputs.number", exact=True).click()
    counted(page, "4 calls")
    views = page.get_by_role("button", name=re.compile("^(Views|Large|Failed|All)"))
    views.click()
    page.get_by_role("menuitem", name="Save as a view").click()
    dialog = page.get_by_role("dialog", name="Save as a view")
    dialog.get_by_label("Name").fill("Large ones")
    dialog.get_by_role("button", name="Save").click()
    expect(views).to_have_text("Large ones")
    told = run_python(
        CLIENT.format(place=traced.place),
        weft,
        python=CLIENTS_PYTHON,
        HOME=str(tmp_path),
        WEAVE_USE_SERVER_CACHE="false",
        WANDB_BASE_URL=weft.console_url.rstrip("/"),
        WANDB_API_KEY=weft.api_key,
    )
    assert "Large ones [9, 8, 7, 6]" in told
    page.goto(traced.address)
    views.click()
    page.get_by_role("menuitem", name="Failed ones").click()
    counted(page, f"{FAILED} calls")
    expect(cell(page, 0, "inputs.number")).to_have_text("0")
    expect(page.get_by_role("columnheader")).to_have_count(3)
    views.click()
    page.get_by_role("menuitem", name="Large ones of Ada").click()
    counted(page, "2 calls")
    # Changed, renamed, made the default, deleted.
    page.get_by_role("button", name="Remove the filter inputs.user.name equals Ada").click()
    counted(page, "4 calls")
    expect(views).to_contain_text("changed")
    views.click()
    page.get_by_role("menuitem", name="Save changes").click()
    expect(views).not_to_contain_text("changed")
    views.click()
    page.get_by_role("menuitem", name="Rename").click()
    dialog = page.get_by_role("dialog", name="Rename the view")
    dialog.get_by_label("Name").fill("Large ones again")
    dialog.get_by_role("button", name="Save").click()
    expect(views).to_have_text("Large ones again")
    views.click()
    page.get_by_role("menuitem", name="Make it my default").click()
    page.goto(traced.address)
    counted(page, "4 calls")
    expect(views).to_have_text("Large ones again")
    views.click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(views).to_have_text("Views")
    page.goto(traced.address)
    counted(page, "10 calls")


def test_live_tail_when_calls_come_then_they_show_at_the_top_and_are_told_below(
    page: Page, weft: Weft
) -> None:
    traced = a_project(weft, "live", 120)
    page.goto(f"{traced.address}?live=true")
    counted(page, "120 calls")
    running = a_call(traced.place, 1, started_at=datetime.now(UTC).isoformat())
    traced.start(running)
    expect(cell(page, 0, "Status")).to_have_text("Running")
    page.get_by_role("grid").evaluate("element => { element.scrollTop = 2000 }")
    expect(page.locator('[data-index="0"]')).to_be_hidden()
    shown = page.locator('[data-index="60"]').get_by_role("link").first.get_attribute("href")
    later = datetime.now(UTC) + timedelta(seconds=1)
    traced.end({**running, "ended_at": later.isoformat()})
    traced.write(
        [a_call(traced.place, 2, started_at=later.isoformat(), ended_at=later.isoformat())]
    )
    pill = page.get_by_role("button", name="1 new call")
    expect(pill).to_be_visible()
    now = page.locator('[data-index="60"]').get_by_role("link").first.get_attribute("href")
    assert now == shown, "what one reads moved"
    pill.click()
    page.get_by_role("grid").evaluate("element => { element.scrollTop = 0 }")
    expect(cell(page, 0, "inputs.number")).to_have_text("2")
    expect(cell(page, 1, "Status")).to_have_text("Done")


def test_calls_when_exported_then_files_and_programs_have_the_same_rows(
    page: Page, traced: Traced, tmp_path: Path
) -> None:
    page.goto(f"{traced.address}?all=true&sort=inputs.number")
    add_filter(page, "inputs.number", "<", "50")
    page.get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog", name="Export all calls that match")
    kept: dict[str, bytes] = {}
    for label in ("CSV", "JSONL", "Parquet"):
        dialog.get_by_text(label, exact=True).click()
        with page.expect_download() as download:
            dialog.get_by_role("button", name=f"Download {label}").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        kept[path.suffix] = path.read_bytes()
        expect(dialog.get_by_text(re.compile("calls exported"))).to_be_visible()
    rows = list(csv.DictReader(io.StringIO(kept[".csv"].decode())))
    assert len(rows) == len(kept[".jsonl"].splitlines())
    assert len(rows) == 100
    assert rows[0]["inputs.question"] == "What is 0, <b>or</b> more?"
    assert rows[0]["status"] in {"error", "success"}
    assert kept[".parquet"][:4] == kept[".parquet"][-4:] == b"PAR1"
    check_accessible(page)
    expect(dialog.get_by_role("region", name="Python", exact=True)).to_contain_text(
        "client.get_calls("
    )
    dialog.get_by_text("curl", exact=True).click()
    expect(dialog.get_by_role("region", name="curl", exact=True)).to_contain_text(
        "/traces/calls/stream_query"
    )


def test_calls_when_selected_then_they_go_to_comparison_and_datasets_and_can_be_deleted(
    page: Page, weft: Weft
) -> None:
    traced = a_project(weft, "chosen", 5)
    page.goto(f"{traced.address}?sort=started_at")
    ids = traced.roots[:2]
    for row in range(2):
        page.locator(f'[data-index="{row}"]').get_by_role("checkbox").check()
    bar = page.get_by_role("region", name="Selected calls")
    for name, path in (
        ("Compare", "weave/compare"),
        ("Add to dataset", "weave/datasets/add"),
        ("Add to queue", "weave/annotation-queues/add"),
    ):
        href = bar.get_by_role("link", name=name).get_attribute("href") or ""
        assert href.startswith(f"/{traced.place}/{path}?calls=")
        assert all(id_ in href for id_ in ids)
    before = traced.count()
    bar.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete 2 calls?")
    expect(dialog).to_contain_text("2 whole traces go, with all calls inside: 4 calls in all.")
    check_accessible(page)
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator('[data-index="0"]')).to_contain_text("What is 2,")
    expect(bar).to_be_hidden()
    assert traced.count() == before - 4


def test_table_when_on_a_phone_or_without_calls_then_it_is_of_use(
    console: Console, traced: Traced
) -> None:
    with console.page(phone=True) as page:
        page.goto(traced.address)
        expect(cell(page, 0, "Trace")).to_be_visible()
        check_accessible(page)
    with console.page() as page:
        page.goto(a_project(traced.weft, "empty", 0).address)
        expect(page.get_by_text("No traces yet")).to_be_visible()
        expect(page.get_by_role("region", name="Python", exact=True)).to_contain_text(console.url)
        check_accessible(page)
        take_screenshots(page, "traces-empty")
