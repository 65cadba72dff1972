"""The Evaluation Playground: a file of rows is edited like a sheet, published, and put together with models."""

import importlib  # pyarrow has no types
import json
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from conformance.server import (
    CARDS,
    ECHO,
    PATIENCE_S,
    PROJECT,
    TEAM,
    Engine,
    Weft,
    running_engine,
)
from console.browser import Console, check_accessible, take_screenshots, wait_for_all
from console.given import ask, running_console

PROVIDERS = f"playground/{TEAM}/{PROJECT}/providers"
SAVED = f"playground/{TEAM}/{PROJECT}/models"
PAGE = f"/{TEAM}/{PROJECT}/weave/evaluations/new"
CSV = 'input,expected,n\nsay warp,warp,1\nsay weft,weft,2\n"say a, b",nothing,3\n'
SLOW = """\
id = "test/slow"
label = "Slow"
provider = "Weft"
context_window_tokens = 4096

[[prices]]
effective_on = 2026-01-01
input_usd_per_mtok = "1"
output_usd_per_mtok = "2"
source = "made up for tests"

[engines.fake]
behaviour = "delay_ms=1200"
"""


@pytest.fixture(scope="module")
def weft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weft]:
    """A server with a model that takes its time."""
    folder = tmp_path_factory.mktemp("evaluation")
    cards = copytree(CARDS, folder / "cards")
    (cards / "slow.toml").write_text(SLOW)
    settings = {"WEFT_PROVIDER_ALLOW": "127.0.0.1"}
    with running_console(folder, cards=cards, settings=settings) as weft:
        yield weft


@pytest.fixture(scope="module")
def sage(weft: Weft) -> Iterator[Engine]:
    """Somebody else's server, whose model judges; it is the project's custom provider."""
    with running_engine() as engine:
        models = [{"name": "wise-one"}]
        ask(weft, "PUT", f"{PROVIDERS}/sage", base_url=f"{engine.url}/v1", models=models)
        yield engine


@pytest.fixture
def page(console: Console) -> Iterator[Page]:
    """A page of a member of the team."""
    with console.page(username="ada") as page:
        yield page


def open_file(page: Page, folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text)
    page.get_by_label("File of rows", exact=True).set_input_files(path)


def add(page: Page, what: str, *names: str) -> None:
    for name in names:
        page.get_by_role("button", name=f"Add {what}").click()
        page.get_by_role("menuitem", name=name).first.click()


def step(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def test_rows_when_edited_and_published_then_the_client_reads_them_and_a_reload_keeps_all(
    page: Page, weft: Weft, tmp_path: Path
) -> None:
    page.goto(PAGE)
    expect(step(page, "Dataset").get_by_text("Choose the rows")).to_be_visible()
    open_file(page, tmp_path, "broken.csv", 'a,b\n1,"2')
    broken = page.get_by_role("alert").filter(has_text="broken.csv, Line 2, column 3")
    expect(broken).to_be_visible()
    open_file(page, tmp_path, "threads.csv", CSV)
    grid = page.get_by_role("grid", name="Rows of threads")
    grid.get_by_role("gridcell", name="nothing").dblclick()
    page.get_by_role("textbox", name="expected, row 3").fill("a, b")
    page.keyboard.press("Enter")
    expect(grid.get_by_role("gridcell", name="a, b", exact=True)).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="is no number")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    expect(grid.get_by_role("gridcell", name="3", exact=True)).to_have_count(0)
    page.keyboard.press("ControlOrMeta+z")
    expect(grid.get_by_role("gridcell", name="3", exact=True)).to_be_visible()

    add(page, "model", "Echo")
    add(page, "scorer", "Exact match", "LLM judge")
    judge = page.get_by_role("listitem", name="judge")
    expect(judge.get_by_text("Choose the model that judges")).to_be_visible()
    judge.get_by_text("Try on row 1").click()
    expect(judge.get_by_text("Answer:\nwarp")).to_be_visible()
    exact = page.get_by_role("listitem", name="exact")
    exact.get_by_text("Try on row 1").click()
    expect(exact.get_by_role("status")).to_contain_text("true")
    exact.get_by_role("textbox", name="An answer").fill("woof")
    expect(exact.get_by_role("status")).to_contain_text("false")
    page.get_by_role("button", name="Publish dataset").click()
    expect(step(page, "Dataset").get_by_text("published", exact=True)).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "evaluation-new")

    page.reload()
    expect(grid.get_by_role("gridcell", name="a, b", exact=True)).to_be_visible()
    expect(exact).to_be_visible()
    asked = {"project_id": f"{TEAM}/{PROJECT}", "object_id": "threads", "digest": "latest"}
    kept = read(weft, "obj/read", asked)["obj"]
    assert kept["base_object_class"] == "Dataset"
    table = kept["val"]["rows"].rpartition("/")[2]
    rows = read(weft, "table/query", {"project_id": asked["project_id"], "digest": table})["rows"]
    assert rows[2]["val"] == {"input": "say a, b", "expected": "a, b", "n": 3}


def read(weft: Weft, path: str, body: dict[str, str]) -> dict[str, Any]:
    url = f"{weft.console_url}traces/{path}"
    answer = httpx.post(url, json=body, headers=weft.headers, timeout=PATIENCE_S)
    answer.raise_for_status()
    return answer.json()


def test_models_when_estimated_and_started_then_stopped_resumed_and_compared(
    page: Page, tmp_path: Path
) -> None:
    page.goto(PAGE)
    open_file(page, tmp_path, "words.csv", CSV)
    page.get_by_role("button", name="Publish dataset").click()
    add(page, "model", "Echo", "Slow")
    add(page, "scorer", "Exact match", "Regular expression")
    page.get_by_role("textbox", name="Pattern").fill("^w[ae]")
    page.get_by_role("textbox", name="Name of the evaluation").fill("Two weavers")
    page.get_by_role("textbox", name="At a time").fill("1")
    for card in ("echo", "slow"):
        settings = page.get_by_role("listitem", name=card)
        settings.get_by_role("textbox", name="Max. tokens").fill("16")
    estimate = page.get_by_role("region", name="Estimate", exact=True)
    expect(estimate.get_by_text("Likely cost").first).to_be_visible()
    budget = page.get_by_role("textbox", name="Budget in dollars")
    expect(budget).not_to_have_value("")
    budget.fill("0.000000001")
    expect(page.get_by_text("Not one question can be asked")).to_be_visible()
    budget.fill("1.50")
    check_accessible(page)
    take_screenshots(page, "evaluation-ready")
    page.get_by_role("button", name="Start evaluation").click()

    expect(page.get_by_role("heading", name="Two weavers")).to_be_visible()
    expect(page.get_by_text("of $1.50")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status").filter(has_text="stopped")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Resume").click()
    dialog = page.get_by_role("dialog", name="Resume Two weavers")
    dialog.get_by_role("textbox").fill("2")
    check_accessible(page)
    dialog.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("of $2.00")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="done")).to_be_visible(timeout=60_000)
    runs = page.get_by_role("region", name="Runs of this evaluation")
    expect(runs.get_by_text("3 of 3")).to_have_count(2)
    check_accessible(page)
    take_screenshots(page, "evaluation-batch-done")
    compare = page.get_by_role("link", name="Compare the runs")
    expect(compare).to_have_attribute(
        "href", re.compile(r"/evaluations/compare\?runs=[^,]+(,|%2C)")
    )
    page.goto(PAGE)
    started = page.get_by_role("region", name="Evaluations that were started here")
    expect(started.get_by_role("link", name="Two weavers")).to_be_visible()


def test_pilot_when_asked_first_then_the_evaluation_goes_on_from_its_rows(
    page: Page, tmp_path: Path
) -> None:
    page.goto(PAGE)
    lines = [json.dumps({"input": f"say {n}", "expected": str(n)}) for n in range(12)]
    open_file(page, tmp_path, "numbers.jsonl", "\n".join(lines))
    page.get_by_role("button", name="Publish dataset").click()
    add(page, "model", "Echo")
    add(page, "scorer", "Number")
    page.get_by_role("button", name="Ask 10 rows first").click()
    expect(page.get_by_text("10 rows were asked for")).to_be_visible()
    page.get_by_role("button", name="Start evaluation").click()
    expect(page.get_by_role("status").filter(has_text="done")).to_be_visible(timeout=60_000)
    runs = page.get_by_role("region", name="Runs of this evaluation")
    expect(runs.get_by_text("12 of 12")).to_be_visible()


def test_judge_when_of_a_custom_provider_then_its_scores_stand_in_the_run_and_its_cost_is_unknown(
    page: Page, sage: Engine, tmp_path: Path
) -> None:
    page.goto(PAGE)
    open_file(page, tmp_path, "judged.csv", CSV)
    page.get_by_role("button", name="Publish dataset").click()
    add(page, "model", "Echo")
    add(page, "scorer", "LLM judge")
    judge = page.get_by_role("listitem", name="judge")
    judge.get_by_role("textbox", name="Name of the scorer").fill("fair")
    judge = page.get_by_role("listitem", name="fair")
    judge.get_by_role("combobox", name="Model that judges").select_option(label="wise-one")
    expect(judge.get_by_text("of the custom provider sage, cost unknown")).to_be_visible()
    judge.get_by_role("textbox", name="What it is sent").fill(
        "Is {{output}} an answer to {{input}}? reason=alike"
    )
    judge.get_by_role("combobox", name="It answers with").select_option(label="A score from 0 to 1")
    estimate = page.get_by_role("region", name="Estimate", exact=True)
    expect(estimate.get_by_role("row", name=re.compile("fair"))).to_contain_text("unknown")
    expect(estimate.get_by_role("note")).to_contain_text("wise-one is asked of a custom provider")
    check_accessible(page)
    take_screenshots(page, "evaluation-judge")
    page.get_by_role("button", name="Start evaluation").click()

    expect(page.get_by_role("status").filter(has_text="done")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("note")).to_contain_text("wise-one is asked of a custom provider")
    assert sage.stats()["requests"] == 3
    take_screenshots(page, "evaluation-judged")
    page.get_by_role("region", name="Runs of this evaluation").get_by_role("link").first.click()
    wait_for_all(page)
    expect(page.get_by_text("Cost unknown")).to_be_visible()
    rows = page.get_by_role("grid", name="Rows of the dataset")
    expect(rows.get_by_role("columnheader", name="fair.score")).to_be_visible()
    first = rows.get_by_role("row", name=re.compile("say warp"))
    expect(first.get_by_role("gridcell", name="1", exact=True)).to_be_visible()
    take_screenshots(page, "evaluation-judged-run")


def test_budget_when_used_up_then_said_and_a_saved_model_goes_on_with_a_larger_one(
    page: Page, weft: Weft, tmp_path: Path
) -> None:
    ask(
        weft,
        "POST",
        SAVED,
        name="Long-winded",
        llm_model_id=ECHO,
        default_params={"max_tokens": 50},
    )
    page.goto(PAGE)
    lines = [json.dumps({"input": f"[[fake: tokens=40]] word {n}"}) for n in range(6)]
    open_file(page, tmp_path, "long.jsonl", "\n".join(lines))
    page.get_by_role("button", name="Publish dataset").click()
    page.get_by_role("button", name="Add model").click()
    page.get_by_role("menuitem", name="Saved models").click()
    page.get_by_role("menuitem", name="Long-winded").click()
    expect(step(page, "Models").get_by_text("Long-winded v0")).to_be_visible()
    add(page, "scorer", "Regular expression")
    page.get_by_role("textbox", name="Pattern").fill("word")
    page.get_by_role("textbox", name="At a time").fill("1")
    page.get_by_role("textbox", name="Budget in dollars").fill("0.0015")
    page.get_by_role("button", name="Start evaluation").click()

    state = page.get_by_role("status").filter(has_text="out of budget")
    expect(state).to_be_visible(timeout=60_000)
    expect(state).to_contain_text("The next question may cost up to $0.001")
    expect(state).to_contain_text("Resume with a larger budget")
    runs = page.get_by_role("region", name="Runs of this evaluation")
    expect(runs.get_by_text(re.compile(r"^[1-5] of 6$"))).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "evaluation-out-of-budget")
    page.get_by_role("button", name="Resume").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox")).not_to_have_value("0.0015")
    dialog.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("status").filter(has_text="done")).to_be_visible(timeout=60_000)
    expect(runs.get_by_text("6 of 6")).to_be_visible()
    expect(runs.get_by_role("link", name="Long-winded")).to_be_visible()


def test_parquet_when_opened_and_a_cell_edited_then_its_rows_are_run(
    page: Page, tmp_path: Path
) -> None:
    table: Any = importlib.import_module("pyarrow").table
    parquet: Any = importlib.import_module("pyarrow.parquet")
    file = tmp_path / "cloth.parquet"
    columns = {"question": ["say warp", "say woof"], "answer": ["weft", "woof"]}
    parquet.write_table(table(columns), file)
    page.goto(PAGE)
    page.get_by_label("File of rows", exact=True).set_input_files(file)
    grid = page.get_by_role("grid", name="Rows of cloth")
    expect(grid.get_by_role("gridcell", name="say woof")).to_be_visible()
    grid.get_by_role("gridcell", name="weft", exact=True).dblclick()
    page.get_by_role("textbox", name="answer, row 1").fill("warp")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Publish dataset").click()
    add(page, "model", "Echo")
    add(page, "scorer", "Exact match")
    page.get_by_role("button", name="Start evaluation").click()
    expect(page.get_by_role("status").filter(has_text="done")).to_be_visible(timeout=60_000)
    runs = page.get_by_role("region", name="Runs of this evaluation")
    expect(runs.get_by_text("2 of 2")).to_be_visible()
    runs.get_by_role("link").first.click()
    results = page.get_by_role("grid", name="Rows of the dataset")
    edited = results.get_by_role("row", name=re.compile("say warp"))
    expect(edited.get_by_role("gridcell", name="warp", exact=True)).to_be_visible()
    take_screenshots(page, "evaluation-parquet-run")
