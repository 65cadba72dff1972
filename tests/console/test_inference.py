"""The Inference pages in a browser: the seeds' lists step by step, a model's page, comparison, and models added."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from conformance.server import ECHO, TINY, Weft
from console.browser import Console, check_accessible, take_screenshots
from console.given import running_console
from engines.weights.hub_server import HubServer, Repository, serving_hub
from weft.demo import GGUF_PATH

REPOSITORY, FILE = "acme/tiny-GGUF", "tiny-Q8_0.gguf"
LISTED = {"total": 3_344_640, "architecture": "llama", "context_length": 2048}
ACCENT = "rgb(29, 79, 215)"
"""The blue of styles.css in the light theme."""
COUNT_JUMPS = """
window.jumps = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.jumps += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
MOST_JUMPS = 0.05
"""The sum of layout shifts while the page loads; half of what Web Vitals calls good."""


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    with serving_hub() as hub:
        content = {FILE: GGUF_PATH.read_bytes()}
        hub.repositories = {REPOSITORY: Repository(content, large={FILE}, gguf=LISTED, likes=17)}
        yield hub


@pytest.fixture(scope="module")
def weft(tmp_path_factory: pytest.TempPathFactory, hub: HubServer) -> Iterator[Weft]:
    """A server whose models come from `hub`; `ada` is a plain member."""
    settings = {"WEFT_HUB_URL": hub.url, "HF_HUB_DOWNLOAD_TIMEOUT": "25"}
    folder = tmp_path_factory.mktemp("inference")
    with running_console(folder, settings=settings) as weft:
        yield weft


def card(page: Page, label: str) -> Locator:
    return page.get_by_role("article", name=label, exact=True)


def labels(page: Page) -> list[str]:
    return [one.get_attribute("aria-label") or "" for one in page.locator("[data-card]").all()]


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called this."""
    for _ in range(200):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
        )
        if found == name:
            return
    raise AssertionError(f"Tab does not lead to {name}")


def test_compare_when_done_from_the_inference_tab_then_as_the_guide_says(page: Page) -> None:
    # "Select Inference from the left sidebar. The available models page appears."
    page.goto("/settings/profile")
    page.get_by_role("link", name="Inference", exact=True).click()
    expect(page).to_have_url(re.compile("/inference$"))
    expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible()
    first, second = card(page, "Weft Tiny Chat"), card(page, "OpenAI GPT OSS 20B")
    for told in ("$0.03 - $0.13", "131k", "5 Aug 2025", "Tool calling", "Stand-in"):
        expect(second).to_contain_text(told)
    # The guide: click anywhere on a model card, except the model name, to select it. The card border turns blue.
    first.get_by_text("A three-million-parameter").click()
    expect(first).to_have_css("border-color", ACCENT)
    expect(first.get_by_role("link", name="Try in Playground")).to_be_visible()
    # "Repeat for each model you want to compare."
    second.get_by_text("Price").click()
    expect(second).to_have_css("border-color", ACCENT)
    # "Click Compare N models in the Playground on any selected card. N shows the number of models selected."
    for one in (first, second):
        expect(one.get_by_role("link", name="Compare 2 models in the Playground")).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "inference")
    # A click on the page's background clears; a click on the name opens the model.
    page.get_by_role("heading", name="Models", level=1).click()
    expect(first).not_to_have_css("border-color", ACCENT)
    first.click(position={"x": 150, "y": 100})
    second.click(position={"x": 150, "y": 100})
    button = first.get_by_role("link", name="Compare 2 models in the Playground")
    target = button.get_attribute("href") or ""
    assert re.search(r"^/playground\?models=", target)
    assert TINY.replace("/", "%2F") in target or TINY in target
    # "The comparison view opens."
    button.click()
    expect(page).to_have_url(re.compile("/playground"))


def test_models_when_filtered_then_the_address_says_so_and_a_reload_keeps_it(page: Page) -> None:
    page.add_init_script(COUNT_JUMPS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/inference")
    expect(page.locator("[data-card]").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.jumps") < MOST_JUMPS
    assert len([url for url in asked if url.endswith("/inference/catalog/models")]) == 1
    page.get_by_role("radio", name="Vision").check(force=True)
    expect(page.locator("[data-card]")).to_have_count(1)
    assert labels(page) == ["Meta Llama 4 Scout"]
    page.get_by_role("radio", name="Text", exact=True).check(force=True)
    page.get_by_label("Sort by").select_option("Input price: high to low")
    page.get_by_label("Search models").fill("openai gpt")
    expect(page.locator("[data-card]")).to_have_count(2)
    found = labels(page)
    assert set(found) == {"OpenAI GPT OSS 120B", "OpenAI GPT OSS 20B"}
    page.reload()
    expect(page.locator("[data-card]")).to_have_count(2)
    assert labels(page) == found
    for part in ("kind=text", "sort=input-high", "q=openai"):
        assert part in page.url
    page.get_by_label("State").select_option("Not runnable here")
    expect(page.get_by_text("No model fits")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(page).to_have_url(re.compile("/inference$"))
    page.get_by_label("Sort by").select_option("Biggest context window")
    expect(page).to_have_url(re.compile("sort=context"))
    assert labels(page)[0].startswith("Qwen3")


def test_models_when_the_catalog_is_away_then_skeletons_then_what_to_do(page: Page) -> None:
    waiting: list[Route] = []
    page.route("**/inference/catalog/models", lambda route: waiting.append(route))  # noqa: PLW0108 - it is marked
    page.goto("/inference")
    expect(page.get_by_role("status", name="Loading models")).to_be_visible()
    for _ in range(3):  # silence is tried again before it is told
        page.wait_for_timeout(100)
        while not waiting:
            page.wait_for_timeout(100)
        waiting.pop().abort()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute("**/inference/catalog/models")
    page.get_by_role("button", name="Try again").click()
    expect(card(page, "Weft Tiny Chat")).to_be_visible()


def test_models_when_chosen_by_keyboard_alone_then_compared(page: Page) -> None:
    page.goto("/inference?q=openai")
    expect(page.locator("[data-card]")).to_have_count(2)
    for name in ("OpenAI GPT OSS 120B", "OpenAI GPT OSS 20B"):
        tab_to(page, f"Select {name}")
        page.keyboard.press("Space")
        expect(card(page, name)).to_have_css("border-color", ACCENT)
    tab_to(page, "Compare specifications")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Comparison")).to_be_visible()
    tab_to(page, "Make baseline: OpenAI GPT OSS 20B")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("baseline="))


def test_comparison_when_two_models_then_what_differs_and_what_is_best(page: Page) -> None:
    page.goto(f"/inference/compare?models=openai/gpt-oss-120b,openai/gpt-oss-20b,{TINY}")
    table = page.get_by_role("region", name="Comparison")
    expect(table.get_by_role("columnheader")).to_have_count(4)
    price = table.get_by_role("row", name=re.compile("^Output price"))
    expect(price.get_by_role("cell").nth(0)).to_have_text("$0.17")
    expect(price.get_by_role("cell").nth(1)).to_contain_text("\N{MINUS SIGN}24 %")
    expect(price.locator("strong")).to_have_text("$0.02")
    expect(
        table.get_by_role("row", name=re.compile("^Context window")).locator("strong")
    ).to_have_count(2)
    rows = table.get_by_role("row").count()
    page.get_by_label("Only differences").check()
    expect(page).to_have_url(re.compile("differences=true"))
    assert table.get_by_role("row").count() < rows
    check_accessible(page)
    take_screenshots(page, "inference-compare")
    page.get_by_role("button", name="Remove OpenAI GPT OSS 120B").click()
    expect(table.get_by_role("columnheader").nth(1)).to_contain_text("OpenAI GPT OSS 20B")
    page.get_by_label("Add a model").select_option("Meta Llama 3.1 8B")
    expect(table.get_by_role("columnheader")).to_have_count(4)
    page.get_by_label("Active parameters").check()
    drawn = page.get_by_role("list", name="Active parameters")
    expect(drawn).to_contain_text("3.61B")
    page.goto("/inference/compare")
    expect(page.get_by_text("No models chosen")).to_be_visible()


def test_model_when_opened_then_its_programs_run_as_they_stand(
    console: Console, page: Page, weft: Weft, tmp_path: Path
) -> None:
    page.goto("/inference")
    card(page, "Weft Tiny Chat").get_by_role("link", name="Weft Tiny Chat").click()
    expect(page).to_have_url(re.compile("/catalog/weft/tiny-chat$"))
    expect(page.get_by_role("heading", name="Weft Tiny Chat", level=1)).to_be_visible()
    for told in ("$0.01 - $0.02", "2,048 tokens", "Apache-2.0", "too few requests yet", "In force"):
        expect(page.get_by_role("main")).to_contain_text(told)
    page.get_by_role("button", name="Copy model ID").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "catalog-model")
    environ = {**weft.environ, "WEFT_API_KEY": weft.api_key}
    for label, command in (
        ("Python", [sys.executable]),
        ("curl", ["bash"]),
    ):
        page.get_by_role("radio", name=label).check(force=True)
        code = page.get_by_role("region", name=label, exact=True).inner_text()
        assert console.url in code
        program = tmp_path / label
        program.write_text(code)
        done = subprocess.run(
            [*command, program],
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "Paris" in done.stdout, (done.stdout, done.stderr)
    page.goto("/catalog/openai/gpt-oss-20b")
    expect(page.get_by_role("main")).to_contain_text("a tiny model that ships with Weft answers")
    expect(page.get_by_role("main")).to_contain_text("1 GPU with 16 GiB")
    take_screenshots(page, "catalog-stand-in")
    page.goto("/catalog/acme/nothing")
    expect(page.get_by_text("The catalog has no model acme/nothing")).to_be_visible()


def test_engine_when_an_admin_steers_it_then_its_state_follows(
    console: Console, page: Page
) -> None:
    page.goto(f"/catalog/{ECHO}")
    engine = page.get_by_role("region", name="Engine")
    expect(engine).to_contain_text("Asleep")
    engine.get_by_role("button", name="Load", exact=True).click()
    expect(engine).to_contain_text("Ready", timeout=60_000)
    engine.get_by_role("button", name="Probe").click()
    features = page.get_by_role("region", name="Supported features")
    expect(features).to_contain_text("Works", timeout=60_000)
    engine.get_by_role("button", name="Pin", exact=True).click()
    expect(engine).to_contain_text("Pinned")
    expect(engine.get_by_role("button", name="Unload")).to_be_disabled()
    engine.get_by_role("button", name="Unpin").click()
    expect(engine.get_by_role("button", name="Pin", exact=True)).to_be_visible()
    engine.get_by_role("button", name="Unload").click()
    expect(engine).to_contain_text("Asleep", timeout=30_000)
    page.goto("/inference?q=echo")
    badge = card(page, "Echo").get_by_title(re.compile("^Works, probed"))
    expect(badge.first).to_be_visible()
    page.goto(f"/catalog/{TINY}")  # its card keeps it awake: the refusal says so
    engine.get_by_role("button", name="Unload").click()
    expect(page.get_by_label("Notifications")).to_contain_text("kept awake")
    with console.page(username="ada") as other:
        other.goto(f"/catalog/{TINY}")
        expect(other.get_by_role("region", name="Engine")).to_contain_text("Ready")
        assert other.get_by_role("button", name="Unload").count() == 0
        other.goto("/inference")
        expect(card(other, "Weft Tiny Chat")).to_be_visible()
        assert other.get_by_role("button", name="Add a model").count() == 0


def test_model_when_added_then_its_download_survives_a_reload_and_it_answers(
    page: Page, hub: HubServer
) -> None:
    page.goto("/inference")
    page.get_by_role("button", name="Add a model").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Repository").fill("acme/nothing")
    dialog.get_by_role("button", name="Look at it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("has no repository acme/nothing")
    dialog.get_by_label("Repository").fill(REPOSITORY)
    dialog.get_by_label("Model ID").fill("acme/new")
    dialog.get_by_role("button", name="Look at it").click()
    looked = dialog.get_by_role("region", name="What would be downloaded")
    expect(looked).to_contain_text("1 file")
    expect(looked).to_contain_text("llama.cpp, on this machine")
    check_accessible(page)
    take_screenshots(page, "add-model")
    hub.repositories[REPOSITORY].stall_at = 1 << 20
    dialog.get_by_role("button", name="Download").click()
    expect(dialog.get_by_role("progressbar")).to_be_visible()
    expect(dialog).to_contain_text(re.compile(r"1(\.\d+)? MiB of 3\.\d+ MiB"))
    page.reload()
    page.get_by_role("button", name=re.compile("Add a model · \\d+ %")).click()
    expect(dialog).to_contain_text("Downloading")
    take_screenshots(page, "downloading")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_contain_text("Cancelled", timeout=60_000)
    dialog.get_by_role("button", name="Resume").click()
    link = dialog.get_by_role("link", name="acme/new")
    expect(link).to_be_visible(timeout=30_000)
    expect(dialog).to_contain_text("Served now")
    link.click()
    expect(page).to_have_url(re.compile("/catalog/acme/new$"))
    engine = page.get_by_role("region", name="Engine")
    expect(engine).to_contain_text("Asleep")
    engine.get_by_role("button", name="Load", exact=True).click()
    expect(engine).to_contain_text("Ready", timeout=60_000)
