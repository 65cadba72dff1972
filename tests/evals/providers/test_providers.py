"""Custom providers through a real server: added, tried, asked, changed, removed."""

import json
import sqlite3
import time
from typing import Any

import httpx
import pytest

from conformance.server import ECHO, Engine, wait_until
from evals.batches.conftest import Evals, dataset
from evals.conftest import Client
from evals.providers.conftest import CHAT, KEY, PROVIDERS
from evals.test_completions import read_call
from evals.test_runs import BASES, publish, results
from weft.evals.batches.estimates.figures import UNPRICED
from weft.evals.runs.scorers import JUDGE
from weft.evals.runs.structured import CLASS

MODEL = "custom::parrot::test/echo"


def asked(content: str = "say this", model: str = MODEL, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": content}], **more}


def listed(browser: httpx.Client) -> dict[str, Any]:
    told = browser.get(PROVIDERS).json()["providers"]
    return {one["name"]: one for one in told}


def test_provider_when_added_then_told_without_its_key(
    client: Client, browser: httpx.Client, parrot: str
) -> None:
    told = listed(browser)[parrot]
    assert told["has_key"]
    assert told["models"] == [{"id": MODEL, "name": "test/echo", "max_tokens": 512}]
    assert KEY not in json.dumps(told)
    latest = {"base_object_classes": ["Provider"], "latest_only": True}
    objects = client.ok("/objs/query", {"filter": latest})
    assert KEY not in json.dumps(objects)
    [value] = [one["val"] for one in objects["objs"] if one["object_id"] == parrot]
    assert value["api_key_name"] == "parrot_api_key"
    assert value["return_type"] == "openai"
    for file in client.weft.data_dir.glob("*.db*"):
        assert KEY.encode() not in file.read_bytes(), file.name


def test_chat_when_a_providers_model_is_named_then_its_answer_metered_and_free(
    client: Client, browser: httpx.Client, engine: Engine, parrot: str
) -> None:
    del parrot
    before = engine.stats()["requests"]
    answer = browser.post(CHAT, json=asked())
    assert answer.status_code == 200, answer.text
    assert engine.stats()["requests"] == before + 1
    record = client.weft.usage(answer.headers["x-request-id"])
    assert record is not None
    assert record["model_id"] == MODEL
    assert record["engine"] == "custom:parrot"
    assert record["output_tokens"] == answer.json()["usage"]["completion_tokens"]
    assert record["cost_nusd"] == "0"
    call = read_call(client, answer.headers["x-request-id"])
    assert call["inputs"]["model"] == MODEL
    assert call["summary"]["usage"][MODEL]["total_tokens"] > 0
    assert client.weft.cli("ledger", "verify") is not None


def test_evaluation_when_of_a_providers_model_then_runs_and_says_that_its_cost_is_unknown(
    client: Client, parrot: str
) -> None:
    del parrot
    evals = Evals(client)
    body = {
        "name": "foreign",
        "dataset_ref": dataset(client, [{"user_input": "warp"}], "Foreign"),
        "models": [{"model": MODEL, "params": {"max_tokens": 16}}],
        "budget_nusd": "1000000",
    }
    told = evals.estimate(body)
    assert UNPRICED in told["basis"]
    assert (told["cost_nusd"], told["most_nusd"]) == ("0", "0")
    batch = evals.ended(evals.start(body)["id"])
    assert (batch["state"], batch["spent_nusd"]) == ("done", "0"), batch
    assert told["unpriced_models"] == batch["unpriced_models"] == [MODEL]
    [run] = batch["runs"]
    assert (run["model_id"], run["rows_done"], run["errors"]) == (MODEL, 1, 0)


def test_judge_when_of_a_providers_model_then_judges_under_a_budget_that_bounds_all_others(
    client: Client, engine: Engine, parrot: str
) -> None:
    del parrot
    evals = Evals(client)
    judge = {"model": MODEL, "template": "{{output}} {{target}} reason=so"}
    rows = [{"user_input": "warp", "expected": "warp"}, {"user_input": "weft", "expected": "weft"}]
    body = {
        "name": "foreign judge",
        "dataset_ref": dataset(client, rows, "ForeignJudge"),
        "models": [{"model": ECHO, "params": {"max_tokens": 16}}],
        "scorers": [{"kind": "judge", "name": "verdict", "judge": judge}],
    }
    told = evals.estimate(body)
    [estimate] = told["judges"]
    assert (estimate["model"], estimate["cost_nusd"]) == (MODEL, "0")
    assert UNPRICED in estimate["basis"]
    assert UNPRICED not in told["models"][0]["basis"]
    assert told["unpriced_models"] == [MODEL]

    before = engine.stats()["requests"]
    short = evals.ended(evals.start({**body, "budget_nusd": "1"})["id"])
    assert (short["state"], short["spent_nusd"]) == ("out_of_budget", "0"), short
    assert engine.stats()["requests"] == before
    most = int(told["most_nusd"])
    evals.ok("POST", f"/batches/{short['id']}/resume", {"budget_nusd": str(most)})
    batch = evals.ended(short["id"])
    assert (batch["state"], batch["held_nusd"]) == ("done", "0"), batch
    assert 0 < int(batch["spent_nusd"]) <= most
    assert batch["unpriced_models"] == [MODEL]
    assert batch["questions_done"] == batch["questions_total"] == 4
    assert engine.stats()["requests"] == before + 2
    [run] = batch["runs"]
    listed = {one["id"]: one for one in evals.ok("GET", "/runs")["runs"]}
    assert listed[run["call_id"]]["unpriced_models"] == [MODEL]
    assert int(listed[run["call_id"]]["cost_nusd"]) > 0
    told_rows = results(client, run["call_id"])["rows"]
    scores = [row["evaluations"][0]["trials"][0]["scores"]["verdict"] for row in told_rows]
    assert scores == 2 * [{"passed": True, "reason": "so"}]


def test_published_judge_when_of_a_providers_model_then_its_batch_names_it_as_unpriced(
    client: Client, parrot: str
) -> None:
    del parrot
    evals = Evals(client)
    model = {"_class_name": CLASS, "llm_model_id": MODEL, "default_params": {"max_tokens": 32}}
    judge = {
        "_type": JUDGE,
        "_class_name": JUDGE,
        "_bases": BASES,
        "model": model,
        "scoring_prompt": "{output}",
    }
    body = {
        "name": "published judge",
        "dataset_ref": dataset(client, [{"user_input": "warp"}], "PublishedJudge"),
        "models": [{"model": ECHO, "params": {"max_tokens": 16}}],
        "scorers": [{"ref": publish(client, "foreign-judge", judge)}],
    }
    batch = evals.ended(evals.start(body)["id"])
    assert (batch["state"], batch["unpriced_models"]) == ("done", [MODEL]), batch


def test_stream_when_from_a_provider_then_relayed_at_once_and_stopped_by_the_browser(
    client: Client, browser: httpx.Client, engine: Engine, parrot: str
) -> None:
    del parrot
    body = asked("[[fake: tokens=20 delay_ms=50]] on", stream=True)
    came_s: list[float] = []
    with browser.stream("POST", CHAT, json=body) as answer:
        text = b""
        for piece in answer.iter_raw():
            came_s.append(time.monotonic())
            text += piece
    assert text.endswith(b"data: [DONE]\n\n")
    assert came_s[-1] - came_s[0] > 0.5
    aborted = engine.stats()["aborted"]
    body = asked("[[fake: tokens=2000 delay_ms=10]] on", stream=True)
    with browser.stream("POST", CHAT, json=body) as answer:
        next(answer.iter_lines())
        request_id = answer.headers["x-request-id"]
    wait_until(lambda: engine.stats()["aborted"] == aborted + 1)
    wait_until(lambda: client.weft.usage(request_id) is not None)
    record = client.weft.usage(request_id)
    assert record is not None
    assert record["outcome"] == "cancelled"


def test_v1_when_a_key_names_it_then_answered_for_the_keys_project_only(
    client: Client, parrot: str
) -> None:
    del parrot
    url = f"{client.weft.url}/chat/completions"
    headers = {**client.weft.headers, "OpenAI-Project": client.name}
    answer = httpx.post(url, json=asked(), headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    client.weft.cli("project", "create", f"{client.name.partition('/')[0]}/other")
    elsewhere = {**headers, "OpenAI-Project": f"{client.name.partition('/')[0]}/other"}
    refused = httpx.post(url, json=asked(), headers=elsewhere, timeout=30)
    assert refused.json()["error"]["code"] == "provider_not_found"


def test_completions_when_weaves_route_names_it_then_answered_as_well(
    client: Client, parrot: str
) -> None:
    del parrot
    answer = client.ok("/completions/create", {"inputs": asked()})
    assert answer["response"]["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("model", "said"),
    [("custom::nobody::x", "no provider nobody"), ("custom::parrot::x", "no model x")],
)
def test_chat_when_provider_or_model_is_unknown_then_told_what_there_is(
    browser: httpx.Client, parrot: str, model: str, said: str
) -> None:
    del parrot
    error = browser.post(CHAT, json=asked(model=model)).json()["error"]
    assert error["code"] == "provider_not_found"
    assert said in error["message"]


def test_key_when_wrong_then_provider_is_named_and_no_key_repeated(
    browser: httpx.Client, engine: Engine
) -> None:
    body = {
        "base_url": f"{engine.url}/v1",
        "api_key": "sk-wrong",
        "models": [{"name": "test/echo"}],
    }
    assert browser.put(f"{PROVIDERS}/wrong", json=body).status_code == 200
    for answer in (
        browser.post(CHAT, json=asked(model="custom::wrong::test/echo")),
        browser.post(f"{PROVIDERS}/wrong/test"),
    ):
        assert answer.status_code == 502, "a 401 would be the console's own"
        assert "wrong refused its API key" in answer.json()["error"]["message"]
        assert "sk-wrong" not in answer.text
    body["api_key"] = KEY
    assert browser.put(f"{PROVIDERS}/wrong", json=body).json()["version_index"] == 0
    assert browser.post(f"{PROVIDERS}/wrong/test").json()["models"]
    assert browser.delete(f"{PROVIDERS}/wrong").status_code == 204
    assert "wrong" not in listed(browser)
    assert browser.post(f"{PROVIDERS}/wrong/test").status_code == 404


def test_provider_when_tried_before_it_is_saved_then_lists_its_models(
    browser: httpx.Client, engine: Engine
) -> None:
    body = {"base_url": f"{engine.url}/v1", "api_key": KEY}
    assert browser.post(f"{PROVIDERS}/unsaved/test", json=body).json()["models"]
    assert "unsaved" not in listed(browser)


def test_provider_when_changed_then_key_stays_unless_its_server_changes(
    browser: httpx.Client, engine: Engine, parrot: str
) -> None:
    body: dict[str, Any] = {
        "base_url": f"{engine.url}/v1",
        "models": [{"name": "test/echo", "max_tokens": 512}, {"name": "other"}],
    }
    changed = browser.put(f"{PROVIDERS}/{parrot}", json=body)
    assert [model["name"] for model in changed.json()["models"]] == ["other", "test/echo"]
    assert browser.post(CHAT, json=asked()).status_code == 200
    elsewhere = {**body, "base_url": "http://127.0.0.1:9/v1"}
    refused = browser.put(f"{PROVIDERS}/{parrot}", json=elsewhere)
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "provider_key_for_another_place"
    del body["models"][1]
    changed = browser.put(f"{PROVIDERS}/{parrot}", json=body)
    assert [model["name"] for model in changed.json()["models"]] == ["test/echo"]


def test_object_when_a_client_moves_the_url_then_key_is_not_sent_there(
    client: Client, browser: httpx.Client, engine: Engine
) -> None:
    body = {"base_url": f"{engine.url}/v1", "api_key": KEY, "models": [{"name": "test/echo"}]}
    assert browser.put(f"{PROVIDERS}/moved", json=body).status_code == 200
    value = {"base_url": "http://127.0.0.1:9/v1", "api_key_name": "moved_api_key"}
    new = {"object_id": "moved", "val": value, "builtin_object_class": "Provider"}
    answer = client.post("/obj/create", {"obj": {"project_id": client.name, **new}})
    assert answer.status_code == 200, answer.text
    error = browser.post(CHAT, json=asked(model="custom::moved::test/echo")).json()["error"]
    assert error["code"] == "provider_key_for_another_place"
    assert browser.delete(f"{PROVIDERS}/moved").status_code == 204


@pytest.mark.parametrize(
    "host", ["127.0.0.2", "0x7f000002", "2130706434", "[::1]", "[::ffff:127.0.0.2]", "10.0.0.1"]
)
def test_address_when_not_opened_then_refused_and_the_setting_named(
    browser: httpx.Client, host: str
) -> None:
    body = {"base_url": f"http://{host}:8000/v1", "models": [{"name": "x"}]}
    for answer in (
        browser.put(f"{PROVIDERS}/inside", json=body),
        browser.post(f"{PROVIDERS}/inside/test", json=body),
    ):
        assert answer.status_code == 403, answer.text
        error = answer.json()["error"]
        assert error["code"] == "provider_address_refused"
        assert "provider_allow" in error["metadata"]["remedy"]
    assert "inside" not in listed(browser)


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"base_url": "ftp://example.org/v1"}, "base_url"),
        ({"base_url": "http://user:secret@example.org/v1"}, "base_url"),
        ({"base_url": "http://example.org/v1?key=1"}, "base_url"),
        ({"headers": {"Authorization": "Bearer x"}}, "headers.Authorization"),
        ({"headers": {"x-api-key": "x"}}, "headers.x-api-key"),
        ({"headers": {"Metadata-Flavor": "Google"}}, "headers.Metadata-Flavor"),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "headers"),
        ({"headers": {"Host": "other"}}, "headers"),
        ({"api_key": "two words\n and lines"}, "api_key"),
    ],
)
def test_provider_when_it_will_not_do_then_place_is_named(
    browser: httpx.Client, engine: Engine, changed: dict[str, Any], param: str
) -> None:
    body = {"base_url": f"{engine.url}/v1", "models": [{"name": "x"}], **changed}
    answer = browser.put(f"{PROVIDERS}/odd", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["param"] == param
    assert "odd" not in listed(browser)


def test_rights_when_viewer_or_other_site_then_refused(
    client: Client, browser: httpx.Client, engine: Engine, parrot: str
) -> None:
    body = {"base_url": f"{engine.url}/v1", "models": [{"name": "x"}]}
    forged = {"origin": "https://elsewhere.example"}
    path = f"{PROVIDERS}/{parrot}"
    assert browser.put(path, json=body, headers=forged).status_code == 403
    assert browser.delete(path, headers=forged).status_code == 403
    assert browser.post(f"{path}/test", headers=forged).status_code == 403
    url = client.weft.console_url.rstrip("/")
    assert httpx.get(url + PROVIDERS).status_code == 401
    assert httpx.put(url + path, json=body).status_code == 401
    assert browser.get("/api/playground/no/where/providers").status_code == 404


def test_key_when_read_from_the_database_then_sealed_for_its_row(
    client: Client, browser: httpx.Client, parrot: str
) -> None:
    del browser, parrot
    with sqlite3.connect(client.weft.data_dir / "weft.db") as connection:
        rows = connection.execute("SELECT provider, origin, sealed FROM evals_provider_key")
        sealed = {provider: value for provider, _origin, value in rows}
    connection.close()
    assert KEY.encode() not in sealed["parrot"]
    assert len(sealed["parrot"]) == 12 + len(KEY) + 16, "nonce, text, tag"
