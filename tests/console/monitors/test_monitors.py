"""Monitors in a browser: one is made, judges live calls, is given a budget; guardrails of programs beside it."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from conformance.server import ECHO, PATIENCE_S, PROJECT, TEAM, Weft, wait_until
from console.browser import check_accessible, take_screenshots
from console.given import running_console
from weft.evals.calls import now_us
from weft.evals.monitors.spec import monitor_value, scorer_value
from weft.kit.clock import from_us
from weft.kit.ids import uuid7_hex

PLACE = f"{TEAM}/{PROJECT}"
OP = "answer"


@pytest.fixture(scope="module")
def weft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weft]:
    """A server whose monitors look often."""
    folder = tmp_path_factory.mktemp("monitors")
    with running_console(folder, settings={"WEFT_MONITOR_LOOK_S": "0.3"}) as weft:
        yield weft


def post(weft: Weft, path: str, body: dict[str, Any]) -> Any:
    """Ask the trace API as a client with a key."""
    url = f"{weft.console_url}traces/{path}"
    answer = httpx.post(url, json=body, headers=weft.headers, timeout=PATIENCE_S)
    assert answer.is_success, answer.text
    return answer.json()


def publish(weft: Weft, name: str, val: dict[str, Any]) -> str:
    obj = {"project_id": PLACE, "object_id": name, "val": val}
    digest = post(weft, "obj/create", {"obj": obj})["digest"]
    return f"weave:///{PLACE}/object/{name}:{digest}"


def live(weft: Weft, *outputs: str, op: str = OP) -> list[str]:
    """Calls of an op that ended just now."""
    ids: list[str] = []
    for output in outputs:
        id_, at = uuid7_hex(), from_us(now_us()).isoformat()
        start = {
            "project_id": PLACE,
            "id": id_,
            "trace_id": id_,
            "op_name": op,
            "started_at": at,
            "attributes": {},
            "inputs": {"question": "why"},
        }
        end: dict[str, Any] = {
            "project_id": PLACE,
            "id": id_,
            "ended_at": at,
            "output": output,
            "summary": {},
        }
        post(weft, "call/start", {"start": start})
        post(weft, "call/end", {"end": end})
        ids.append(id_)
    return ids


def scored(weft: Weft, ids: list[str], type_: str) -> list[dict[str, Any]]:
    """The feedback of a scorer on these calls."""
    found = post(weft, "feedback/query", {"project_id": PLACE})["result"]
    wanted = {f"weave:///{PLACE}/call/{id_}" for id_ in ids}
    return [one for one in found if one["weave_ref"] in wanted and one["feedback_type"] == type_]


def test_monitors_when_one_is_made_in_the_form_then_it_judges_what_comes(
    weft: Weft, page: Page
) -> None:
    page.goto(f"/{PLACE}/weave/monitors")
    page.get_by_role("link", name="New monitor").first.click()
    page.get_by_role("button", name="Make it and switch it on").click()
    expect(page.get_by_text("Add a scorer.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("clean-json")
    page.get_by_label("Sample, in percent of calls").fill("100")
    page.get_by_role("combobox", name="Ops").fill(OP)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("Add a scorer").select_option("ValidJSONScorer")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("Figure").fill("ValidJSON.json_valid")
    check_accessible(page)
    page.get_by_role("button", name="Make it and switch it on").click()
    expect(page.get_by_role("heading", name="clean-json")).to_be_visible()
    expect(page.get_by_text("running").first).to_be_visible()
    ids = live(weft, "{}", "[1]", "no json", "{}")
    wait_until(lambda: len(scored(weft, ids, "wandb.runnable.ValidJSON")) == len(ids))
    expect(page.get_by_text(re.compile(r"^75 % \(.* to .*\), n = 4"))).to_be_visible()
    expect(page.get_by_role("link", name="Judgement")).to_have_count(4)
    expect(
        page.get_by_role("img", name=re.compile("ValidJSON.json_valid over time"))
    ).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "monitor")
    page.goto(f"/{PLACE}/weave/monitors")
    expect(page.get_by_text(re.compile("^75 %"))).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "monitors")
    page.get_by_role("switch", name="clean-json is on").click()
    expect(page.get_by_text("clean-json is switched off.")).to_be_visible()
    later = live(weft, "{}")
    page.get_by_role("switch", name="clean-json is on").click()
    expect(page.get_by_text("clean-json is switched on.")).to_be_visible()
    last = live(weft, "{}")
    wait_until(lambda: len(scored(weft, last, "wandb.runnable.ValidJSON")) == 1)
    assert scored(weft, later, "wandb.runnable.ValidJSON") == []


def test_monitors_when_a_client_publishes_a_judge_then_it_waits_for_a_budget(
    weft: Weft, page: Page
) -> None:
    model = {
        "_type": "LLMStructuredCompletionModel",
        "llm_model_id": ECHO,
        "_class_name": "LLMStructuredCompletionModel",
        "default_params": {"max_tokens": 64, "response_format": "json_object"},
    }
    settings = {"model": model, "scoring_prompt": "Judge {output} for {question}"}
    judge = publish(weft, "Echo", scorer_value("LLMAsAJudgeScorer", "Echo", settings))
    value = monitor_value(
        name="judged",
        description="",
        sampling=1.0,
        op_names=["ask"],
        query=None,
        scorers=[judge],
        is_active=True,
    )
    publish(weft, "judged", value)
    before = weft.total_requests()
    page.goto(f"/{PLACE}/weave/monitors/judged")
    expect(page.get_by_text("needs a budget")).to_be_visible()
    check_accessible(page)
    url = f"{weft.console_url}api/monitors/{PLACE}/judged/activate"
    refused = httpx.post(url, json={"budget_nusd": "1000000"}, headers=weft.headers)
    assert refused.status_code == 403, "a key gives no budget"
    page.get_by_label("Budget for a day, in dollars").fill("0.50")
    page.get_by_role("button", name="Give it this budget").click()
    expect(page.get_by_text("running")).to_be_visible()
    ids = live(weft, "one", "two", op="ask")
    wait_until(lambda: len(scored(weft, ids, "wandb.runnable.Echo")) == len(ids))
    assert weft.total_requests() == before + 2
    [told, _other] = scored(weft, ids, "wandb.runnable.Echo")
    assert "for why" in told["payload"]["output"]["answer"]
    expect(page.get_by_text("on admin's account")).to_be_visible()
    expect(page.get_by_text(re.compile(r"of \$0\.50"))).to_be_visible()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Add a scorer").select_option("signal:Hallucination")
    expect(page.get_by_text("Likely cost")).to_be_visible()
    take_screenshots(page, "monitor-edit")
    check_accessible(page)


def test_guardrails_when_programs_applied_scorers_then_they_are_shown(
    weft: Weft, page: Page
) -> None:
    [id_] = live(weft, "an answer", op="guarded")
    scorer = publish(weft, "Toxic", {"_type": "Toxic", "name": "Toxic"})
    body = {
        "project_id": PLACE,
        "weave_ref": f"weave:///{PLACE}/call/{id_}",
        "feedback_type": "wandb.runnable.Toxic",
        "runnable_ref": scorer,
        "payload": {"output": {"passed": False, "metadata": {"reason": "it shouts"}}},
        "call_ref": f"weave:///{PLACE}/call/{id_}",
    }
    post(weft, "feedback/create", body)
    page.goto(f"/{PLACE}/weave/monitors?view=guardrails")
    expect(page.get_by_text("it shouts")).to_be_visible()
    expect(page.get_by_text("passed: no")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Toxic.passed over time: 0 %"))).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "guardrails")
