"""Leaderboards in a browser: published by a client, made here, and dynamic ones from filters."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from conformance.server import PROJECT, TEAM, Weft
from console.browser import (
    PHONE,
    Console,
    check_accessible,
    check_fits,
    take_screenshots,
    wait_for_all,
)
from console.leaders.given import GPT_OSS, PLACE, ROWS, Race

BASE = f"/{TEAM}/{PROJECT}/weave/leaderboards"


@pytest.fixture(scope="module")
def race(weft: Weft) -> Race:
    """Two models that answer alike, one far behind, and a leaderboard as the client publishes it."""
    race = Race(weft)
    race.prepare()
    good = [row % 8 != 0 for row in range(ROWS)]
    race.run("Careful", good, seconds=2.5, llm=GPT_OSS)
    race.run("Quick", good, seconds=0.4)
    race.run("Poor", [row % 4 == 1 for row in range(ROWS)], seconds=0.3)
    column = {"evaluation_object_ref": race.evaluation, "scorer_name": "correct"}
    elsewhere = {**column, "evaluation_object_ref": f"{race.evaluation}0"}
    value = {
        "name": "Best adders",
        "description": "Who adds **best**.",
        "columns": [
            {**column, "summary_metric_path": "true_fraction"},
            {**elsewhere, "summary_metric_path": "true_fraction"},
        ],
    }
    obj = {
        "project_id": PLACE,
        "object_id": "Best-adders",
        "val": value,
        "builtin_object_class": "Leaderboard",
    }
    race.post("/obj/create", {"obj": obj})
    return race


def test_published_board_when_opened_then_ranks_have_intervals_ties_and_missing_runs(
    page: Page, race: Race
) -> None:
    page.goto(f"/{TEAM}/{PROJECT}/playground")
    page.get_by_role("navigation").get_by_role("link", name="Leaders").click()
    page.get_by_role("link", name="Best adders").click()
    page.wait_for_url(f"**{BASE}/Best-adders")
    rows = page.get_by_role("region", name="Leaderboard").get_by_role("row")
    expect(rows).to_have_count(5)
    for place, (name, rank) in enumerate((("Careful", "1="), ("Quick", "1="), ("Poor", "3"))):
        row = rows.nth(place + 2)
        expect(row.get_by_role("rowheader")).to_contain_text(name)
        expect(row.get_by_role("cell").first).to_contain_text(re.compile(f"^{rank}\\d"))
        expect(row.get_by_role("cell").nth(1)).to_contain_text("No run")
        expect(row.get_by_role("cell").nth(2)).to_contain_text("$0.000")
    tied = rows.nth(2).get_by_role("cell").first
    expect(tied).to_contain_text("87.5 %")
    expect(tied).to_contain_text(re.compile(r"7\d\.\d % to 9\d\.\d % · n 40"))
    expect(tied).to_contain_text("no significant difference")
    expect(page.get_by_role("img", name=re.compile("^correct against cost"))).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "leaderboard")
    page.get_by_role("button", name="Time", exact=True).click()
    expect(page).to_have_url(re.compile("sort=seconds"))
    expect(rows.nth(2).get_by_role("rowheader")).to_contain_text("Poor")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("menuitem", name="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[1].startswith("Poor,v0,weave:///")
    run = rows.nth(2).get_by_role("link", name=re.compile("25.0 %"))
    assert re.fullmatch(
        f"/{TEAM}/{PROJECT}/weave/evaluations/[0-9a-f-]+", run.get_attribute("href") or ""
    )


def test_command_when_asked_then_prints_the_same_board(weft: Weft, race: Race) -> None:
    told = weft.cli("leaderboard", "show", "Best-adders", "--project", PLACE)
    ranks = {one["label"]: one["cells"][0]["rank"] for one in told["models"]}
    assert (ranks["Careful"], ranks["Quick"], ranks["Poor"]) == (1, 1, 3)
    assert all(one["cells"][1] is None for one in told["models"])


def test_board_when_made_here_then_is_the_clients_object_and_can_be_changed_copied_deleted(
    page: Page, race: Race
) -> None:
    page.goto(BASE)
    page.get_by_role("link", name="New leaderboard").click()
    page.get_by_label("Title").fill("Mine")
    page.get_by_role("button", name="Add column").click()
    first = page.get_by_role("group", name="Column 1")
    expect(first.get_by_label("Metric")).to_have_value("true_fraction")
    page.get_by_role("button", name="Duplicate column 1").click()
    second = page.get_by_role("group", name="Column 2")
    second.get_by_label("Scorer").select_option("length")
    second.get_by_label("Better is").select_option("lower")
    page.get_by_role("button", name="Move column 2 up").click()
    expect(first.get_by_label("Scorer")).to_have_value("length")
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_role("row")).to_have_count(5)
    check_accessible(page)
    take_screenshots(page, "leaderboard-editor")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{BASE}/Mine")
    told = race.post("/obj/read", {"project_id": PLACE, "object_id": "Mine", "digest": "latest"})
    value = told["obj"]["val"]
    assert told["obj"]["base_object_class"] == "Leaderboard"
    assert [(one["scorer_name"], one["should_minimize"]) for one in value["columns"]] == [
        ("length", True),
        ("correct", None),
    ]
    header = page.get_by_role("columnheader", name=re.compile("^length"))
    expect(header).to_contain_text("lower is better")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Duplicate").click()
    expect(page.get_by_label("Title")).to_have_value("Mine copy")
    page.get_by_role("button", name="Delete column 1").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{BASE}/Mine-copy")
    expect(page.get_by_role("columnheader", name=re.compile("^length"))).to_have_count(0)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url(f"**{BASE}")
    listed = page.get_by_role("region", name="Leaderboards")
    expect(listed).to_contain_text("Mine")
    expect(listed).not_to_contain_text("Mine copy")


def test_dynamic_board_when_configured_and_saved_then_takes_new_runs_by_itself(
    page: Page, race: Race
) -> None:
    page.goto(BASE)
    page.get_by_role("link", name="All runs").click()
    board = page.get_by_role("region", name="Leaderboard")
    expect(board.get_by_role("row")).to_have_count(5)
    page.get_by_role("button", name="Configure").click()
    settings = page.get_by_role("region", name="Configure")
    settings.get_by_label("Poor", exact=True).uncheck()
    expect(board.get_by_role("row")).to_have_count(4)
    settings.get_by_label("Name of Quick").fill("Swift")
    page.keyboard.press("Tab")
    expect(board).to_contain_text("Swift")
    settings.get_by_label("Metrics").check(force=True)
    settings.get_by_label("Better for length · mean").select_option("lower")
    settings.get_by_label("Name of correct · true_fraction").fill("Right")
    page.keyboard.press("Tab")
    expect(board.get_by_role("columnheader", name=re.compile("^Right"))).to_be_visible()
    expect(page).to_have_url(re.compile("hide_models="))
    check_accessible(page)
    take_screenshots(page, "leaderboard-dynamic")
    page.reload()
    expect(board).to_contain_text("Swift")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog").get_by_label("Title").fill("Adders now")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.wait_for_url(f"**{BASE}/Adders-now")
    expect(board.get_by_role("row")).to_have_count(4)
    saved = race.post(
        "/obj/read", {"project_id": PLACE, "object_id": "Adders-now", "digest": "latest"}
    )["obj"]
    config = saved["val"]["definition"]["dynamic_leaderboard_config"]
    assert saved["base_object_class"] == "SavedView"
    assert "Poor:*" in json.dumps(config["model_configuration"]["deselected"])
    newcomer = race.run("Newcomer", [True] * ROWS)
    try:
        page.reload()
        expect(board.get_by_role("row")).to_have_count(5)
        expect(board.get_by_role("rowheader").first).to_contain_text("Newcomer")
    finally:  # other boards of this race are of three models
        race.post("/calls/delete", {"project_id": PLACE, "call_ids": [newcomer]})


def test_phone_when_it_shows_leaderboards_then_nothing_scrolls_sideways(
    console: Console, race: Race
) -> None:
    with console.page(phone=True, dark=True) as page:
        for path in ("", "/Best-adders", "/Best-adders/edit", "/dynamic?configure=metrics"):
            page.goto(f"{BASE}{path}")
            wait_for_all(page)
            check_fits(page, PHONE["width"])


def test_metrics_of_traces_when_shown_then_plots_narrow_the_table_and_lead_to_traces(
    page: Page, race: Race
) -> None:
    traces = f"/{TEAM}/{PROJECT}/weave/traces"
    page.goto(traces)
    page.get_by_role("button", name="Show metrics").click()
    metrics = page.get_by_role("region", name="Metrics")
    expect(metrics.get_by_role("figure")).to_have_count(4)
    points = metrics.get_by_role("group", name=re.compile("^Completion against prompt tokens"))
    line = metrics.get_by_role("group", name=re.compile("^Latency over time"))
    expect(line.get_by_role("img").first).to_be_visible()
    check_accessible(page)  # of a few points: each is a button that axe weighs against all others
    page.goto(f"{traces}?all=true&metrics=true")
    expect(points.get_by_role("button").nth(50)).to_be_visible()
    take_screenshots(page, "traces-metrics")
    page.get_by_role("button", name="Add plot").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Kind").select_option("bar")
    form.get_by_label("X", exact=True).select_option("model")
    form.get_by_label("count").check()
    form.get_by_role("button", name="Add").click()
    added = metrics.get_by_role("group", name=re.compile(r"^Latency \(count\) by model"))
    expect(added.get_by_role("button", name=re.compile("gpt-oss-120b: ")).first).to_be_visible()
    expect(page).to_have_url(re.compile("plots="))
    box = metrics.get_by_role("group", name=re.compile("^Latency over time")).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 80, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile("filters=.*started_at.*after.*started_at.*before"))
    expect(metrics.locator("[aria-busy]")).to_have_count(0)  # those of the span are drawn
    points.get_by_role("button").first.focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/(r/call|weave/calls)/[0-9a-f-]+"))
