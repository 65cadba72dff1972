"""Ops, datasets, scorers, evaluations and models by plain HTTP."""

from typing import Any

import pytest

from evals.conftest import Client
from evals.test_logged import ok

CODE = "def f(x):\n    return x\n"
CASES: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("ops", {"name": "My Own Op", "source_code": CODE}, "my_own_op", {"code": CODE}),
    (
        "datasets",
        {"name": "Own Words", "description": "some", "rows": [{"a": 1}, {"a": 2}]},
        "own_words",
        {"name": "Own Words", "description": "some"},
    ),
    ("scorers", {"name": "Own Exact", "op_source_code": CODE}, "own_exact", {"name": "Own Exact"}),
    (
        "evaluations",
        {"name": "Own Eval", "dataset": "weave:///loom/cloth/object/words:1a", "trials": 2},
        "own_eval",
        {"name": "Own Eval", "dataset": "weave:///loom/cloth/object/words:1a", "trials": 2},
    ),
    (
        "models",
        {"name": "Own Parrot", "source_code": CODE, "attributes": {"size": 3}},
        "own_parrot",
        {"name": "Own Parrot", "source_code": CODE, "attributes": {"size": 3}},
    ),
]


@pytest.mark.parametrize(
    ("noun", "body", "object_id", "expected"), CASES, ids=[case[0] for case in CASES]
)
def test_object_when_published_then_read_listed_and_deleted(
    client: Client, noun: str, body: dict[str, Any], object_id: str, expected: dict[str, Any]
) -> None:
    base = f"/v2/{client.name}/{noun}"
    made = ok(client.post(base, body))
    assert (made["object_id"], made["version_index"]) == (object_id, 0)
    assert ok(client.post(base, body)) == made
    told = ok(client.get(f"{base}/{object_id}/versions/{made['digest']}"))
    assert {name: told[name] for name in expected} == expected
    assert ok(client.get(f"{base}/{object_id}/versions/latest")) == told
    assert told in client.lines(base)
    changed = {**body, "description": "other", "source_code": f"{CODE}#"}
    assert ok(client.post(base, changed))["version_index"] == 1
    gone = ok(client.delete(f"{base}/{object_id}", digests=[made["digest"]]))
    assert gone == {"num_deleted": 1}
    deleted = client.get(f"{base}/{object_id}/versions/{made['digest']}")
    assert deleted.status_code == 404
    assert deleted.json()["deleted_at"]
    client.delete(f"{base}/{object_id}")
    assert client.delete(f"{base}/{object_id}").status_code == 404


def test_dataset_when_published_then_its_rows_are_a_table(client: Client) -> None:
    base = f"/v2/{client.name}/datasets"
    made = ok(client.post(base, {"rows": [{"a": 1}, {"a": 2}]}))
    told = ok(client.get(f"{base}/Dataset/versions/{made['digest']}"))
    digest = told["rows"].rpartition("/")[2]
    rows = client.ok("/table/query", {"digest": digest})["rows"]
    assert [row["val"] for row in rows] == [{"a": 1}, {"a": 2}]


def test_scorer_when_published_then_its_code_is_an_op(client: Client) -> None:
    made = ok(client.post(f"/v2/{client.name}/scorers", {"name": "S", "op_source_code": CODE}))
    told = ok(client.get(f"/v2/{client.name}/scorers/s/versions/{made['digest']}"))
    name, _, digest = told["score_op"].rpartition("/")[2].partition(":")
    op = ok(client.get(f"/v2/{client.name}/ops/{name}/versions/{digest}"))
    assert op["code"] == CODE
    assert made["scorer"] == f"weave:///{client.name}/object/s:{made['digest']}"
