"""Evaluations in a browser: the list of runs, one run, and runs against a baseline, down to the trace."""

import re

import pytest
from playwright.sync_api import Page, expect

from conformance.server import PROJECT, TEAM, Weft
from console.browser import check_accessible, take_screenshots
from console.leaders.given import GPT_OSS, PLACE, ROWS, Race

BASE = f"/{TEAM}/{PROJECT}/weave/evaluations"
GOOD = [row % 8 != 0 for row in range(ROWS)]
POOR = [row % 4 == 1 for row in range(ROWS)]


@pytest.fixture(scope="module")
def runs(weft: Weft) -> dict[str, str]:
    """Three models over the same 40 rows, two of which pass the very same ones; and one over only 10 rows."""
    race = Race(weft)
    race.prepare()
    return {
        "Careful": race.run("Careful", GOOD, seconds=2.5, llm=GPT_OSS),
        "Quick": race.run("Quick", GOOD, seconds=0.4),
        "Poor": race.run("Poor", POOR, seconds=0.3),
        "Short": race.run("Short", GOOD[:10], seconds=0.5),
    }


def test_runs_when_listed_then_found_sorted_chosen_and_compared(
    page: Page, runs: dict[str, str]
) -> None:
    page.goto(f"/{TEAM}/{PROJECT}/playground")
    page.get_by_role("navigation").get_by_role("link", name="Evals").click()
    grid = page.get_by_role("grid", name="Evaluation runs")
    expect(grid.get_by_role("row")).to_have_count(1 + len(runs))
    grid.get_by_role("button", name="correct").click()
    expect(page).to_have_url(re.compile(r"sort=scores\.correct"))
    expect(grid.get_by_role("row").nth(4)).to_contain_text("Poor")
    expect(grid.get_by_role("row").nth(4)).to_contain_text("0.25 0.1419\u20130.4019, n 40")
    take_screenshots(page, "evals-list")
    check_accessible(page)
    page.get_by_label("Only this model").select_option("Poor")
    expect(grid.get_by_role("row")).to_have_count(2)
    page.get_by_label("Only this model").select_option("")
    for name in ("Poor", "Careful"):
        row = grid.get_by_role("row").filter(has_text=f"{name}:v0")
        row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare 2").click()
    expect(page).to_have_url(re.compile(f"compare.*{runs['Poor']}.*{runs['Careful']}"))
    expect(page.get_by_role("heading", name="Compare evaluations")).to_be_visible()


def test_comparison_when_opened_then_says_what_differs_and_leads_to_the_trace(
    page: Page, runs: dict[str, str]
) -> None:
    chosen = ",".join(runs[name] for name in ("Careful", "Quick", "Poor"))
    page.goto(f"{BASE}/compare?runs={chosen}")
    table = page.get_by_role("region", name="Table of properties")
    correct = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="correct"))
    cells = correct.get_by_role("cell")
    expect(cells.nth(0)).to_contain_text("87.5 %")
    expect(cells.nth(0)).to_contain_text("n = 40")
    expect(cells.nth(1)).to_contain_text("no significant difference")
    expect(cells.nth(2)).to_contain_text("worse")
    expect(cells.nth(2)).to_contain_text("p < 0.001")
    expect(page.get_by_role("list", name="Warnings")).to_have_count(0)
    expect(page.get_by_role("img", name=re.compile("All metrics, as shares"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("correct against"))).to_be_visible()
    take_screenshots(page, "evals-compare")
    check_accessible(page)

    correct.get_by_role("button", name="more is better").click()
    expect(cells.nth(2)).to_contain_text("better")
    expect(page).to_have_url(re.compile("turn=scores.correct"))
    correct.get_by_role("button", name="less is better").click()
    page.get_by_role("button", name="Make baseline: Poor").click()
    expect(cells.nth(0)).to_contain_text("better")
    page.get_by_label("Diff only").check()
    expect(table.get_by_role("rowheader", name="length")).to_have_count(0)

    page.get_by_label("Which rows").select_option("disagree")
    differ = sum(good != poor for good, poor in zip(GOOD, POOR, strict=True))
    expect(page.get_by_text(f"{differ} of {ROWS} rows")).to_be_visible()
    page.get_by_label("Order").select_option(label="By the largest difference")
    page.reload()  # all of it stands in the address
    expect(page.get_by_text(f"{differ} of {ROWS} rows")).to_be_visible()
    page.get_by_role("grid", name="Rows of the dataset").get_by_role("row").nth(1).click()
    drawer = page.get_by_role("dialog", name="Row")
    expect(drawer.get_by_text(re.compile(r"What is \d+"))).to_be_visible()
    page.screenshot(path="build/screenshots/evals-row.png")
    drawer.get_by_role("link", name="Open trace").first.click()
    expect(page).to_have_url(re.compile(r"/r/call/|/weave/calls/"))


def test_comparison_when_rows_are_not_the_same_then_warns(page: Page, runs: dict[str, str]) -> None:
    page.goto(f"{BASE}/compare?runs={runs['Careful']},{runs['Short']}")
    warnings = page.get_by_role("list", name="Warnings")
    expect(warnings).to_contain_text("Dataset inconsistency detected")
    expect(warnings).to_contain_text("10 of 40 rows")


def test_run_when_opened_then_has_intervals_and_rows(
    page: Page, weft: Weft, runs: dict[str, str]
) -> None:
    page.goto(f"{BASE}/{runs['Poor']}")
    expect(page.get_by_text("25 %", exact=True)).to_be_visible()
    expect(page.get_by_text("n = 40").first).to_be_visible()
    page.get_by_label("From").fill("0")
    page.get_by_label("To").fill("0")
    page.get_by_label("To").blur()
    expect(page.get_by_text(f"30 of {ROWS} rows")).to_be_visible()
    expect(page.get_by_text("✗ fail").first).to_be_visible()
    take_screenshots(page, "evals-run")
    check_accessible(page)
    weft.cli("project", "create", f"{TEAM}/bare")
    page.goto(f"/{TEAM}/bare/weave/evaluations")
    expect(page.get_by_text("No evaluations yet")).to_be_visible()


def test_command_when_runs_are_compared_then_says_the_same(
    weft: Weft, runs: dict[str, str]
) -> None:
    told = weft.cli("eval", "compare", runs["Careful"], runs["Poor"], "--project", PLACE)
    [correct] = [one for one in told["metrics"] if one["id"] == "scores.correct"]
    assert correct["figures"][1]["verdict"] == "worse"
