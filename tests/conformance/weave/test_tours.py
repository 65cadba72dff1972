"""What programs see that use every public part of the weave client; the steps are in `clients/weave_tours`."""

import json
from typing import Any

import pytest

from conformance.programs import CLIENTS_PYTHON, child_environ, run
from conformance.server import TINY, Weft
from conformance.weave.conftest import SCRIPTS, Tours
from conformance.weave.programs import TOURS, Toured

pytestmark = pytest.mark.conformance

LOCAL = {
    # These need pandas or datasets, which turn rows into tables of their own kinds and ask no server.
    "Dataset.from_hf",
    "Dataset.from_pandas",
    "Dataset.to_hf",
    "Dataset.to_pandas",
    "PaginatedIterator.to_pandas",
    # Subclasses have their own, and the client calls those.
    "Object.from_uri",
    "Prompt.format",
    # It answers through the door, but the client's next flush does not come back: not understood yet.
    "EasyPrompt.run",
    # A hook of wandb's that only its own start calls.
    "weave.wandb_init_hook",
}
"""Public names that no tour calls, each with its reason."""


@pytest.mark.parametrize("script", SCRIPTS)
def test_tour_when_taken_then_no_step_fails(tours: Tours, script: str) -> None:
    failed = tours(script).failed
    assert failed == {}, "\n\n".join(failed.values())


@pytest.mark.timeout(300)  # it may be the one that takes them all
def test_tours_when_taken_then_call_every_public_method_of_the_client(
    weft: Weft, tours: Tours
) -> None:
    listed = run([str(CLIENTS_PYTHON), str(TOURS / "watch.py")], child_environ(weft))
    public = set(json.loads(listed.strip().splitlines()[-1]))
    called = {name for script in SCRIPTS for name in tours(script).called}
    assert public - called - LOCAL == set()
    assert len(public) > 180


@pytest.fixture(scope="module")
def calls(tours: Tours) -> Toured:
    return tours("calls_tour.py")


def test_op_when_called_then_is_read_back_whole(calls: Toured) -> None:
    seen = calls.seen["sync_ops"]
    assert seen["result"] == 5
    for name in ("is_itself", "same_trace", "ended", "ref"):
        assert seen[name] is True, name
    assert seen["func_name"] == "outer"
    assert seen["display_name"] == "named at birth"
    assert seen["output"]["sum"] == 5
    assert seen["inputs"] == {"n": 4}
    assert seen["status"] == "success"
    assert seen["latency_ms"] >= 0
    assert (seen["mine"], seen["counts"]) == (4, {"success": 2, "error": 0})
    assert (seen["children"], seen["attributes"]) == (["add"], ["inner", 4])
    assert "/r/call/" in seen["ui_url"]


def test_op_when_it_raises_then_tells_itself_and_its_parent(calls: Toured) -> None:
    seen = calls.seen["exceptions"]
    assert (seen["status"], seen["child"]) == ("descendant_error", "error")
    assert json.loads(seen["exception"])["message"] == "no luck"
    assert seen["counts"] == {"success": 1, "error": 1}


def test_calls_when_made_in_every_way_then_are_kept(calls: Toured) -> None:
    numbers = [0, 1, 2]
    assert calls.seen["generators_and_async"] == [
        numbers, numbers, 4, [0, 2, 4, 6], numbers, numbers
    ]  # fmt: skip
    by_hand = dict(calls.seen["imperative"])
    assert json.loads(by_hand.pop("exception"))["message"] == "by hand"
    assert by_hand == {"parent": True, "deep": 2, "output": 42, "attribute": 1, "logged": True}
    assert calls.seen["display_names"] == ["first", "second ✓", None]
    assert calls.seen["threads_and_turns"] == {"calls": 4, "turns": 2, "by_turn": 2, "none": 0}
    assert calls.seen["runs"] == ["loom/tour-calls/run7", 3, 1]
    assert calls.seen["deletes"] == [True] * 4
    ends = calls.seen["ends"]
    assert (ends["outstanding"], ends["client"], ends["total"]) == (0, True, True)


def test_calls_when_asked_for_then_are_found(calls: Toured) -> None:
    seen = dict(calls.seen["queries"])
    assert seen.pop("size") > 0
    assert seen == {
        "len": 25,
        "slice": [2, 3, 4],
        "index": 3,
        "iterated": 25,
        "query": 4,
        "ordered": [24, 23, 22],
        "username": "admin",
        "page": [1, 2],
        "contains": 11,
        "ids": 2,
        "roots": 25,
    }
    scored = calls.seen["scorers"]
    assert (scored["output"], scored["by"]) == ({"close": True}, [True])
    assert scored["types"] == ["wandb.runnable.Close"]


def test_values_when_odd_then_come_back(calls: Toured) -> None:
    seen = dict(calls.seen["odd_values"])
    assert seen.pop("nan") in {None, "NaN"}
    assert seen.pop("inf") in {None, "Infinity"}
    assert seen == {
        "text": "naïve ☕ \U0001f600 \x00 \\u0041",
        "huge": 2**70,
        "empty": {},
        "nested": [[[]], None, True],
        "": "an empty key",
        "a.b": "a key with a dot",
    }


@pytest.fixture(scope="module")
def objects(tours: Tours) -> Toured:
    return tours("objects_tour.py")


def test_objects_when_published_then_are_read_back_by_every_reference(objects: Toured) -> None:
    assert objects.seen["objects"] == {
        "same": True,
        "other": True,
        "classes": ["WeaveObject", "WeaveObject"],
        "legs": [6, 4],
        "newest": 3,
        "v0": 2,
        "latest": 3,
        "path": "cat",
        "key": [1, 2],
        "get": "ant",
        "client_get": 2,
        "saved": "ü",
    }
    labels = objects.seen["labels"]
    assert labels["tags"] == labels["client_tags"] == ["one", "two"]
    assert labels["client_aliases"] == ["best"]
    assert labels["by_alias"] == [1, 2]
    assert {"best", "production"} <= set(labels["listed"])
    ops = objects.seen["ops"]
    assert (ops["result"], ops["code"], ops["versions"]) == (16, True, True)
    ends = objects.seen["ends"]
    assert (ends["one"], ends["rest"]) == (1, 2)
    assert ends["told"] == ["ValueError", "ValueError"]
    assert objects.seen["missing"] == ["ValueError"] * 3


def test_datasets_when_published_then_are_read_back_also_long_ones(objects: Toured) -> None:
    seen = objects.seen["datasets"]
    assert (seen["len"], seen["rows"], seen["columns"]) == (3, [0, 1, 2], ["q", "a", "more"])
    assert seen["grown"] == [4, "new", True]
    assert seen["chosen"] == [0, 2]
    assert (seen["row_ref"], seen["from_calls"], seen["from_uri"]) == ("question 1", 2, 3)
    assert objects.seen["big_tables"] == {
        "len": 3500,
        "ends": [0, 1234, 3499],
        "sum": 3499 * 3500 // 2,
    }


def test_prompts_models_and_monitors_when_published_then_work_when_read(objects: Toured) -> None:
    prompts = objects.seen["prompts"]
    assert prompts["plain"] == "Say hi to all"
    assert prompts["messages"][0] == {"role": "system", "content": "Be kind"}
    assert (prompts["class"], prompts["is_prompt"]) == ("MessagesPrompt", True)
    easy = objects.seen["easy_prompts"]
    assert easy["bound"] == ["You are funny", "Tell jokes"]
    assert easy["config"] == 0.5
    assert objects.seen["models"]["answer"] == "HELLO?"
    assert objects.seen["monitors"]["on"][:2] == [True, 0.5]
    assert objects.seen["monitors"]["off"] is False


def test_evaluations_when_run_then_scores_and_leaderboards_are_read_back(tours: Tours) -> None:
    seen = tours("evaluations_tour.py").seen
    run_ = seen["evaluations"]
    assert run_["summaries"] == [1.0, 0.0, 0.25]
    assert (run_["calls"], run_["rows"], run_["traces"]) == (3, 8, 3)
    assert run_["row"] == ["model_latency", "output", "scores"]
    assert "right" in run_["by_scorer"]
    assert "right" in run_["score_calls"]
    assert run_["status"] == ["descendant_error", "success"]
    assert seen["read_back"]["name"] == "adding"
    assert seen["parts_by_hand"]["right"] == 8
    logged = seen["logger"]
    assert (logged["good"], logged["rows"], logged["mine"]) == (3, 4, 7)
    assert logged["scores"] == {"good": True, "slow": 4.5}
    assert json.loads(logged["failed"])["message"] == "stopped"
    assert logged["views"] is True
    board = seen["leaderboards"]
    assert (board["name"], board["columns"]) == ("Best-adders", 2)
    assert sorted(board["results"]["Plus"]) == [[0.0, 0.1], [1.0, 0.0]]
    assert board["results"]["always_one"][0][0] == 0.25


def test_media_when_published_or_traced_then_come_back_byte_for_byte(tours: Tours) -> None:
    seen = tours("content_tour.py").seen
    assert seen["images"] == {
        "output": [6, 8],
        "input": [8, 6],
        "pixel": [255, 0, 0],
        "published": [[8, 6], [8, 6]],
    }
    content = seen["contents"]
    assert set(content["same"].values()) == {True}
    assert (content["text"], content["metadata"], content["saved"]) == ("héllo", "me", "a note\n")
    assert seen["other_kinds"] == {"markdown": "# Title", "sound": 1644}
    assert seen["big_payloads"] == [500_000, 300]


def test_feedback_costs_and_queues_when_made_then_are_found_and_ended(tours: Tours) -> None:
    seen = tours("feedback_tour.py").seen
    feedback = seen["feedback"]
    assert feedback["types"] == ["my-kind", "wandb.note.1", "wandb.reaction.1"]
    assert (feedback["left"], feedback["by_query"], feedback["by_id"]) == (2, [2], 1)
    assert feedback["reactions"] == 1
    assert feedback["emoji"][0][2] == "👍"
    assert feedback["included"] == ["my-kind", "wandb.reaction.1"]
    assert seen["feedback_out_of_bounds"] == ["best", "better", "good"]
    assert seen["annotations"] == {"values": [4], "spec": "Quality"}
    assert seen["costs"] == {
        "made": "my-model",
        "found": [0.002, 0.004],
        "by_query": 1,
        "call": [2.0, 2.0],
        "purged": 0,
    }
    queues = seen["queues"]
    assert (queues["added"], queues["items"], queues["stats"]) == ([3, 1], [1, 2, 3], [3, 0])
    assert queues["updated"] == ["looked at", "second", "looked at"]
    assert (queues["deleted"], queues["gone"]) == (True, 0)


def _is_llm(seen: dict[str, Any], model: str) -> bool:
    [(name, usage)] = seen["usage"].items()
    return (
        seen["status"] == "success"
        and seen["kind"] == "llm"
        and name == model
        and usage["prompt_tokens"] > 0
        and usage["completion_tokens"] > 0
    )


def test_libraries_when_patched_then_leave_calls_with_model_and_tokens(tours: Tours) -> None:
    seen = tours("integrations_tour.py").seen
    for name in ("openai_whole", "openai_streamed", "openai_async"):
        assert _is_llm(seen[name], TINY), name
        assert seen[name]["same"] is True
    assert _is_llm(seen["litellm_whole"], TINY)
    assert seen["openai_refused"]["status"] == "error"
    assert "langchain.Llm.ChatOpenAI" in seen["langchain_chain"]["names"]
    assert seen["weave_chat"] == {"text": True, "streamed": True}
