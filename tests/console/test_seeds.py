"""The hosted service's Weave samples run against this server; then a browser opens each link that they printed."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from conformance import samples as hosted
from conformance.server import TEAM, Weft, wait_until
from conformance.weave import samples
from conformance.weave.programs import run_source
from conformance.weave.test_seeds import DEEPSEEK, LLAMA, calls, name
from console.browser import check_accessible, take_screenshots

pytestmark = pytest.mark.timeout(300)  # the client alone takes ten seconds to be imported
TRACED, EVALUATED = f"{TEAM}/traced", f"{TEAM}/evaluated"


def run_sample(weft: Weft, folder: Path, sample: str, project: str) -> list[str]:
    """Run a sample as it stands; the addresses of this console that it printed, each once, in their order."""
    source = hosted.fill(sample, weft, project=project)
    source = source.replace('weave.init("wandb/inference-demo")', f'weave.init("{project}")')
    printed = run_source(weft, folder, source, with_stderr=True, WEAVE_PRINT_CALL_LINK="true")
    found = re.findall(rf"http://127\.0\.0\.1:\d+(/{project}/\S*)", printed)
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module", autouse=True)
def project(weft: Weft) -> None:
    """The projects that the samples name."""
    weft.cli("team", "create", "wandb", "--admin", "admin")
    for named in ("wandb/inference-demo", TRACED, EVALUATED):
        weft.cli("project", "create", named)


def test_traced_sample_when_its_link_is_opened_then_the_tree_is_there(
    weft: Weft, page: Page, tmp_path: Path
) -> None:
    printed = run_sample(weft, tmp_path, samples.TRACED, TRACED)
    links = [link for link in printed if "/r/call/" in link]
    assert len(links) == 1
    wait_until(lambda: len(calls(weft, TRACED)) >= 2)
    root, chat = (call for call in calls(weft, TRACED))
    usage = chat["summary"]["usage"][LLAMA]
    page.goto(links[0])
    tree = page.get_by_role("tree", name="Calls of the trace")
    rows = tree.get_by_role("treeitem")
    expect(rows).to_have_count(2)
    tokens = usage["prompt_tokens"] + usage["completion_tokens"]
    for at, said in enumerate(("run_chat", "openai.chat.completions.create")):
        expect(rows.nth(at)).to_contain_text(said)
        expect(rows.nth(at)).to_contain_text(f"{tokens} tok")
    details = page.get_by_role("region", name="Details of the call")
    expect(details).to_contain_text(root["output"].splitlines()[0])
    rows.nth(1).click()
    page.get_by_role("tab", name="Chat").click()
    expect(details).to_contain_text("Tell me a joke.")
    expect(details).to_contain_text("You are a helpful assistant.")
    check_accessible(page)
    take_screenshots(page, "seed-trace")


def test_evaluated_sample_when_its_links_are_opened_then_figures_are_those_that_it_wrote(
    weft: Weft, page: Page, tmp_path: Path
) -> None:
    links = run_sample(weft, tmp_path, samples.EVALUATED, EVALUATED)
    tops = [call for call in calls(weft, EVALUATED) if name(call) == "Evaluation.evaluate"]
    assert len(tops) == 2
    evaluations = [link for link in links if "/r/call/" in link]
    assert [link.rpartition("/")[2] for link in evaluations] == [top["id"] for top in tops]
    for link, top in zip(evaluations, tops, strict=True):
        look_at_trace(page, link, top)
    [board] = [link for link in links if "/weave/leaderboards/" in link]
    means = [top["output"]["exact_match"]["mean"] for top in tops]
    look_at_comparison(page, means)
    page.goto(board)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Inference Leaderboard")
    expect(page.get_by_role("main")).to_contain_text("Compare models on a QA dataset")
    table = page.get_by_role("region", name="Leaderboard")
    expect(table.get_by_role("rowheader")).to_have_count(2)
    for mean in means:
        shown = re.compile(rf"(?<![\d.]){mean:g}(?![\d.])")
        expect(table.get_by_role("cell").filter(has_text=shown).first).to_be_visible()
    for link in links:  # whatever else was printed: the project, a run
        page.goto(link)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)


def look_at_trace(page: Page, link: str, top: dict[str, Any]) -> None:
    """The tree of one evaluation: its rows, what they called, the mean that its client worked out."""
    page.goto(link)
    rows = page.get_by_role("tree", name="Calls of the trace").get_by_role("treeitem")
    expect(rows.first).to_contain_text(top["display_name"])
    for said, times in (
        ("Evaluation.predict_and_score", 2),
        ("WBInferenceModel.predict", 2),
        ("exact_match", 2),
        ("openai.chat.completions.create", 2),
        ("Evaluation.summarize", 1),
    ):
        expect(rows.filter(has_text=said)).to_have_count(times)
    details = page.get_by_role("region", name="Details of the call")
    expect(details).to_contain_text("exact_match")
    expect(details).to_contain_text(f"{top['output']['exact_match']['mean']:g}")


def look_at_comparison(page: Page, means: list[float]) -> None:
    """Both runs, from the list to their comparison."""
    page.goto(f"/{EVALUATED}/weave/evaluations")
    grid = page.get_by_role("grid")
    expect(grid.get_by_role("row")).to_have_count(3)
    page.get_by_role("checkbox", name="Select all that are shown").check()
    page.get_by_role("button", name="Compare 2").click()
    page.wait_for_url(re.compile("/weave/evaluations/compare"))
    main = page.get_by_role("main")
    figures = main.get_by_role("row", name=re.compile("^exact_match")).first
    for mean in means:
        expect(figures).to_contain_text(re.compile(rf"(?<![\d.]){mean:g}(?![\d.])"))
    for model in (LLAMA, DEEPSEEK):
        expect(main).to_contain_text(re.compile(rf"{re.escape(model)}|WBInferenceModel"))
    expect(main).to_contain_text(re.compile("no significant difference", re.IGNORECASE))
    check_accessible(page)
    take_screenshots(page, "seed-comparison")
