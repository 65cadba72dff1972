"""What the playground keeps: models with their settings, which the weave client reads, and the chats that were had."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.server import ECHO
from conformance.weave.programs import run_source
from evals.conftest import NAME, Client
from evals.playground.test_door import PATH, asked
from evals.test_completions import read_call

MODELS = f"/api/playground/{NAME}/models"
HISTORY = f"/api/playground/{NAME}/history"
SAVED: dict[str, Any] = {
    "name": "Careful Parrot",
    "llm_model_id": ECHO,
    "default_params": {
        "messages_template": [
            {"role": "system", "content": "Be careful."},
            {"role": "user", "content": "say {word}"},
        ],
        "temperature": 0.5,
        "max_tokens": 16,
        "stop": ["###"],
        "n_times": 2,
        "functions": [{"name": "look", "parameters": {"type": "object"}}],
        "response_format": "json_schema",
        "response_format_schema": {"name": "word", "schema": {"type": "object"}, "strict": True},
    },
}
PROGRAM = """
import json, weave

weave.init("loom/cloth")
model = weave.ref(REF).get()
params = model.default_params
told = {
    "class": type(model).__name__,
    "model": model.llm_model_id,
    "temperature": params.temperature,
    "stop": params.stop,
    "n": params.n_times,
    "functions": [dict(one) for one in params.functions],
    "messages": [[one.role, one.content] for one in params.messages_template],
    "format": params.response_format,
}
plain = weave.ref("careful_parrot:v1").get()
told["said"] = plain.predict(word="warp")
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def saved(browser: httpx.Client) -> dict[str, Any]:
    answer = browser.post(MODELS, json=SAVED)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_model_when_saved_again_then_another_version_and_the_same_once(
    browser: httpx.Client, saved: dict[str, Any]
) -> None:
    assert (saved["object_id"], saved["version_index"]) == ("careful_parrot", 0)
    assert saved["default_params"] == {
        **dict.fromkeys(("top_p", "presence_penalty", "frequency_penalty")),
        **SAVED["default_params"],
    }
    assert browser.post(MODELS, json=SAVED).json()["digest"] == saved["digest"]
    params = {
        "messages_template": SAVED["default_params"]["messages_template"],
        "response_format": "text",
        "max_tokens": 16,
    }
    changed = browser.post(MODELS, json={**SAVED, "default_params": params}).json()
    assert changed["version_index"] == 1
    latest = browser.get(MODELS).json()["models"]
    assert [one["version_index"] for one in latest if one["object_id"] == "careful_parrot"] == [1]
    versions = browser.get(f"{MODELS}/careful_parrot/versions").json()["models"]
    assert [one["version_index"] for one in versions] == [1, 0]
    first = browser.get(f"{MODELS}/careful_parrot/versions/v0").json()
    assert first == saved
    assert browser.get(f"{MODELS}/careful_parrot/versions/v9").status_code == 404


@pytest.mark.conformance
def test_model_when_the_weave_client_gets_it_then_whole_and_predicts(
    client: Client, browser: httpx.Client, saved: dict[str, Any], tmp_path: Path
) -> None:
    params = {
        "messages_template": SAVED["default_params"]["messages_template"],
        "response_format": "text",
        "max_tokens": 16,
    }
    assert browser.post(MODELS, json={**SAVED, "default_params": params}).status_code == 200
    source = PROGRAM.replace("REF", repr(saved["ref"]))
    told = json.loads(run_source(client.weft, tmp_path, source).strip().splitlines()[-1])
    assert told["class"] == "LLMStructuredCompletionModel"
    assert told["model"] == ECHO
    assert (told["temperature"], told["stop"], told["n"]) == (0.5, ["###"], 2)
    assert told["functions"][0]["name"] == "look"
    assert told["messages"] == [["system", "Be careful."], ["user", "say {word}"]]
    assert told["format"] == "json_schema"
    assert "warp" in told["said"]


def test_model_when_viewer_saves_then_refused_and_listing_is_fine(viewer: httpx.Client) -> None:
    assert viewer.post(MODELS, json=SAVED).status_code == 403
    assert viewer.get(MODELS).status_code == 200


def test_history_when_chats_were_had_then_newest_first_page_by_page(
    client: Client, browser: httpx.Client
) -> None:
    ids: list[str] = []
    for word in ("one", "two", "three"):
        answer = browser.post(PATH, json=asked(f"say {word}", temperature=0))
        ids.insert(0, answer.headers["x-request-id"])
    for id_ in ids:
        read_call(client, id_)
    first = browser.get(HISTORY, params={"limit": 2}).json()
    assert [one["id"] for one in first["chats"]] == ids[:2]
    top = first["chats"][0]
    assert (top["user"], top["model"], top["said"], top["ok"]) == ("admin", ECHO, "say three", True)
    assert top["output_tokens"] > 0
    cursor = first["next_cursor"]
    second = browser.get(HISTORY, params={"limit": 2, "cursor": cursor, "mine": True}).json()
    assert second["chats"][0]["id"] == ids[2]
    whole = browser.get(f"{HISTORY}/{ids[0]}").json()
    assert whole["request"] == asked("say three", temperature=0)
    assert whole["response"]["choices"][0]["message"]["content"]
    assert browser.get(f"{HISTORY}/req_none").status_code == 404
    assert browser.get(HISTORY, params={"cursor": "x"}).status_code == 400


def test_history_when_searched_then_only_chats_with_each_word_and_where_it_stands(
    client: Client, browser: httpx.Client
) -> None:
    told = {"role": "system", "content": 'Sei "höflich" beim Weben.'}
    ids: list[str] = []
    for word in ("Treadle one", "treadle two", "bobbin"):
        body = asked(f"say {word}", temperature=0)
        body["messages"].insert(0, told)
        ids.insert(0, browser.post(PATH, json=body).headers["x-request-id"])
    for id_ in ids:
        read_call(client, id_)

    def found(q: str, **more: Any) -> list[dict[str, Any]]:
        answer = browser.get(HISTORY, params={"q": q, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()["chats"]

    both = found("TREADLE")
    assert [(one["id"], one["excerpt"]) for one in both] == [(ids[1], ""), (ids[2], "")]
    assert [one["id"] for one in found("one treadle")] == [ids[2]]
    assert [one["id"] for one in found("treadle", limit=1)] == [ids[1]]
    page = browser.get(HISTORY, params={"q": "treadle", "limit": 1}).json()
    rest = found("treadle", limit=1, cursor=page["next_cursor"])
    assert [one["id"] for one in rest] == [ids[2]]
    first = found('"HÖFLICH"')
    assert [one["id"] for one in first] == ids
    assert first[0]["excerpt"] == told["content"]
    assert [one["id"] for one in found(f"bobbin {ECHO}")] == [ids[0]]
    assert found("treadle nowhere") == []
    assert browser.get(HISTORY, params={"q": "a b c d e f g h i"}).status_code == 400


def test_history_when_searched_then_only_what_was_said_counts_and_not_the_words_of_json(
    client: Client, browser: httpx.Client
) -> None:
    ids: list[str] = []
    for said in ("heddle: the content of my role", "heddle a", "heddle b", "heddle c"):
        body = asked(said, temperature=0)
        picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
        body["messages"][-1]["content"] = [{"type": "text", "text": said}, picture]
        ids.insert(0, browser.post(PATH, json=body).headers["x-request-id"])
    for id_ in ids:
        read_call(client, id_)

    def page(q: str, **more: Any) -> dict[str, Any]:
        answer = browser.get(HISTORY, params={"q": q, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def found(q: str, **more: Any) -> list[str]:
        return [one["id"] for one in page(q, **more)["chats"]]

    assert found("heddle") == ids
    # With few to a page, too: those in between are passed over.
    for word in ("content", "ROLE"):
        told = page(f"heddle {word}", limit=1)
        assert ([one["id"] for one in told["chats"]], told["next_cursor"]) == ([ids[3]], None)
    for word in ("image_url", "iVBORw", "user", '"', "{"):
        assert found(f"heddle {word}") == [], word
