"""What the clients ask before they write: people, teams, projects, runs; and what nobody should get."""

import json
from typing import Any

import pytest
from graphql import parse

from wandb.conftest import Asking
from weft.identity.names import InvalidName, is_name
from weft.identity.types import Scope
from weft.wandb.accounts import tidy_name
from weft.wandb.answer import DENIED
from weft.wandb.bounds import FIELDS_LIMIT, QueryTooLarge, check_size

PROJECT = (
    "query Project($name: String!, $entityName: String!) {"
    " project(name: $name, entityName: $entityName) { name } }"
)
UPSERT = (
    "mutation UpsertModel($name: String!, $id: String, $entity: String!, $description: String, $repo: String) {"
    " upsertModel(input: {id: $id, name: $name, entityName: $entity, description: $description, repo: $repo})"
    " { model { name description } } }"
)
VIEWER = "query DefaultEntity { viewer { username defaultEntity { name } } }"
RUN = (
    "mutation UpsertBucket($name: String, $project: String, $entity: String, $config: JSONString, $state: String)"
    " { upsertBucket(input: {name: $name, modelName: $project, entityName: $entity, config: $config, state: $state})"
    " { bucket { ...Parts } inserted } }"
    " fragment Parts on Run { id name state config project { name entity { name } } historyLineCount }"
)
RUN_BACK = (
    "query Run($project: String!, $entity: String!, $name: String!) { place: project(name: $project,"
    " entityName: $entity) { run(name: $name) { state config summaryMetrics historyLineCount"
    " history(samples: 2) user { username } } } }"
)


def code(body: dict[str, Any]) -> str:
    return body["errors"][0]["extensions"]["code"]


async def test_viewer_when_asked_as_weave_and_wandb_ask_then_tells_who_and_where(
    asking: Asking,
) -> None:
    body = await asking.graphql("ada", VIEWER)
    assert body["data"] == {"viewer": {"username": "ada", "defaultEntity": {"name": "red"}}}
    body = await asking.graphql(
        "ada", "{ viewer { id entity flags teams { edges { node { name isTeam } } } } }"
    )
    viewer = body["data"]["viewer"]
    assert (viewer["entity"], viewer["flags"]) == ("red", "{}")
    teams = {edge["node"]["name"]: edge["node"]["isTeam"] for edge in viewer["teams"]["edges"]}
    assert teams == {"ada": False, "red": True}


async def test_viewer_when_the_key_is_of_one_team_then_shows_only_that(asking: Asking) -> None:
    house = asking.house
    green = house.team("green", "a")
    made = house.key(house.user("ada", green), team=green)
    body = await asking.graphql_with(
        made.api_key, "{ viewer { entity teams { edges { node { name } } } } }"
    )
    assert body["data"]["viewer"]["entity"] == "green"
    assert [edge["node"]["name"] for edge in body["data"]["viewer"]["teams"]["edges"]] == ["green"]


@pytest.mark.parametrize("key", ["weft_" + "a" * 35, "nonsense"])
async def test_viewer_when_the_key_is_wrong_then_is_denied_with_a_remedy(
    asking: Asking, key: str
) -> None:
    body = await asking.graphql_with(key, VIEWER)
    assert body["data"] == {"viewer": None}
    assert code(body) == DENIED
    assert "key" in body["errors"][0]["message"]


async def test_viewer_when_the_key_is_for_inference_only_then_names_the_scope(
    asking: Asking,
) -> None:
    made = asking.house.key(asking.house.user("ada"), scopes=frozenset({Scope.INFERENCE}))
    body = await asking.graphql_with(made.api_key, VIEWER)
    assert code(body) == DENIED
    assert "scope traces" in body["errors"][0]["message"]


async def test_viewer_when_there_is_no_key_then_is_nobody(asking: Asking) -> None:
    response = await asking.client.post("/graphql", json={"query": VIEWER})
    assert response.json() == {"data": {"viewer": None}}


async def test_project_when_it_is_another_teams_then_is_not_there(asking: Asking) -> None:
    assert (await asking.graphql("ada", PROJECT, name="one", entityName="red"))["data"] == {
        "project": {"name": "one"}
    }
    for name, team in (("secret", "blue"), ("none", "red"), ("x", "no-team")):
        body = await asking.graphql("ada", PROJECT, name=name, entityName=team)
        assert body == {"data": {"project": None}}


async def test_upsert_model_when_a_member_asks_then_makes_the_project_once(asking: Asking) -> None:
    for name in ("my first try!", "My-First-Try", "my-first-try"):
        body = await asking.graphql("ada", UPSERT, name=name, entity="red")
        model = {"name": "my-first-try", "description": None}
        assert body == {"data": {"upsertModel": {"model": model}}}
    body = await asking.graphql("ada", "{ models { edges { node { name } } } }")
    names = [edge["node"]["name"] for edge in body["data"]["models"]["edges"]]
    assert names == ["my-first-try", "one"]


async def test_upsert_model_when_one_may_not_then_is_denied_by_the_clients_own_code(
    asking: Asking,
) -> None:
    for who, team, words in (
        ("bob", "red", "Viewers of the team red"),
        ("eve", "red", "There is no team red"),
        ("ada", "no-team", "There is no team no-team"),
    ):
        body = await asking.graphql(who, UPSERT, name="new", entity=team)
        assert body["data"] == {"upsertModel": None}
        assert code(body) == DENIED
        assert words in body["errors"][0]["message"]


async def test_upsert_model_when_the_key_is_of_one_project_then_makes_no_other(
    asking: Asking,
) -> None:
    house = asking.house
    red = house.team("red")
    made = house.key(house.user("ada"), team=red, project=house.project(red, "only"))
    body = await asking.graphql_with(made.api_key, UPSERT, name="one", entity="red")
    assert code(body) == DENIED
    body = await asking.graphql_with(made.api_key, UPSERT, name="only", entity="red")
    assert body["data"]["upsertModel"]["model"]["name"] == "only"


async def test_run_when_it_begins_streams_and_ends_then_is_kept(asking: Asking) -> None:
    body = await asking.graphql(
        "ada", RUN, name="r1", project="runs", entity="red", config='{"lr": {"value": 0.1}}'
    )
    bucket = body["data"]["upsertBucket"]["bucket"]
    assert body["data"]["upsertBucket"]["inserted"] is True
    assert bucket["project"] == {"name": "runs", "entity": {"name": "red"}}
    steps = ['{"loss": 4}', '{"loss": 3}']
    stream = {
        "files": {
            "wandb-history.jsonl": {"offset": 0, "content": [*steps, "no step", '{"loss": 2}']},
            "wandb-summary.json": {"offset": 0, "content": ['{"loss": 2}']},
        },
        "complete": True,
        "exitcode": 0,
    }
    made = asking.house.key(asking.house.user("ada"))
    path = "/files/red/runs/r1/file_stream"
    response = await asking.client.post(path, json=stream, auth=("api", made.api_key))
    assert (response.status_code, response.json()) == (200, {})
    back = await asking.graphql("bob", RUN_BACK, project="runs", entity="red", name="r1")
    assert back["data"]["place"]["run"] == {
        "state": "finished",
        "config": '{"lr": {"value": 0.1}}',
        "summaryMetrics": '{"loss": 2}',
        "historyLineCount": 4,
        "history": ['{"loss": 4}', '{"loss": 2}'],
        "user": {"username": "ada"},
    }
    deleted = await asking.graphql(
        "ada",
        "mutation D($id: ID!) { deleteRun(input: {id: $id}) { clientMutationId } }",
        id=bucket["id"],
    )
    assert "errors" not in deleted
    back = await asking.graphql("ada", RUN_BACK, project="runs", entity="red", name="r1")
    assert back["data"]["place"]["run"] is None


SAMPLED = (
    'query S($specs: [JSONString!]!) { project(name: "runs", entityName: "red") {'
    ' run(name: "r2") { historyKeys sampledHistory(specs: $specs) } } }'
)


async def test_history_when_keys_are_named_then_rows_that_have_all_of_them_evenly_spread(
    asking: Asking,
) -> None:
    await asking.graphql("ada", RUN, name="r2", project="runs", entity="red", config="{}")
    steps = [{"_step": 3 * n, "n": n, **({"of": {"x": n}} if n % 2 else {})} for n in range(9)]
    content = [json.dumps(step) for step in steps]
    made = asking.house.key(asking.house.user("ada"))
    await asking.client.post(
        "/files/red/runs/r2/file_stream",
        json={"files": {"wandb-history.jsonl": {"offset": 0, "content": content}}},
        auth=("api", made.api_key),
    )
    specs = [
        {"keys": ["n"], "samples": 3},
        {"keys": ["n", "of.x"]},
        {"keys": ["n"], "minStep": 4, "maxStep": 9},
        {"keys": ["n"], "samples": 1},
        {"samples": 100},
        {"keys": ["nothing"]},
    ]
    texts = [json.dumps(spec) for spec in specs]
    run = (await asking.graphql("bob", SAMPLED, specs=texts))["data"]["project"]["run"]
    assert run["historyKeys"] == {"lastStep": 24}
    assert run["sampledHistory"] == [
        [{"n": 0}, {"n": 4}, {"n": 8}],
        [{"n": n, "of.x": n} for n in (1, 3, 5, 7)],
        [{"n": 2}, {"n": 3}],
        [{"n": 8}],
        steps,
        [],
    ]
    for bad in ("no spec", '{"keys": [1]}', json.dumps({"keys": ["k"] * 201})):
        told = await asking.graphql("bob", SAMPLED, specs=[bad])
        assert "spec" in told["errors"][0]["message"]


async def test_run_when_somebody_else_asks_then_is_out_of_reach(asking: Asking) -> None:
    first = await asking.graphql("ada", RUN, name="r1", project="one", entity="red")
    run_id = first["data"]["upsertBucket"]["bucket"]["id"]
    delete = "mutation D($id: ID!) { deleteRun(input: {id: $id}) { clientMutationId } }"
    for who in ("bob", "eve"):
        assert (
            code(await asking.graphql(who, RUN, name="r1", project="one", entity="red")) == DENIED
        )
        assert code(await asking.graphql(who, delete, id=run_id)) == DENIED
    for who, status in (("bob", 403), ("eve", 404)):
        made = asking.house.key(asking.house.user(who))
        response = await asking.client.post(
            "/files/red/one/r1/file_stream", json={"complete": True}, auth=("api", made.api_key)
        )
        assert response.status_code == status
        assert response.json()["message"]


OUT_OF_BOUNDS = (
    ("name", "a/b"),
    ("name", "a" * 129),
    ("state", "odd"),
    ("config", "[1]"),
    ("config", "{"),
)


async def test_run_when_a_value_is_out_of_bounds_then_says_so(asking: Asking) -> None:
    for field, value in OUT_OF_BOUNDS:
        wanted = {"name": "r1", "project": "one", "entity": "red", field: value}
        body = await asking.graphql("ada", RUN, **wanted)
        assert body["data"] == {"upsertBucket": None}
        assert code(body) == "invalid_request_error"


@pytest.mark.parametrize("name", ["intro to weave", "a/b", "_x", "x" * 200])
def test_tidy_name_when_it_can_then_makes_a_name_that_weft_takes(name: str) -> None:
    assert is_name(tidy_name(name))


def test_tidy_name_when_nothing_would_be_left_then_refuses() -> None:
    with pytest.raises(InvalidName):
        tidy_name("é !")


def bomb(levels: int) -> str:
    parts = [
        f"fragment F{n} on User {{ a{n}: defaultEntity {{ name }} ...F{n + 1} b{n}: id ...F{n + 1} }}"
        for n in range(levels)
    ]
    return "{ viewer { ...F0 } } " + " ".join(parts) + f" fragment F{levels} on User {{ id name }}"


@pytest.mark.parametrize(
    "query",
    [
        bomb(40),
        "{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(FIELDS_LIMIT)) + " }",
        "{ viewer { defaultEntity { projects { edges { node { entity" * 4 + " { id }" + "}" * 24,
        "{ viewer { ...A } } fragment A on User { ...A }",
    ],
)
def test_check_size_when_a_query_asks_for_too_much_then_refuses(query: str) -> None:
    with pytest.raises(QueryTooLarge):
        check_size(parse(query))


WRONG = (
    "{ nothing }",
    "{ viewer",
    "",
    "{ viewer { id",
    "query A { viewer { id } } query B { viewer { id } }",
    "{" * 3000,
    "x" * 70_000,
    "{ " + "a " * 5000 + "}",
)


async def test_graphql_when_a_query_is_wrong_then_errors_say_so(asking: Asking) -> None:
    for query in WRONG:
        body = await asking.graphql("ada", query)
        assert body.get("data") is None
        assert body["errors"][0]["message"]


async def test_graphql_when_the_body_is_no_request_then_is_refused(asking: Asking) -> None:
    for content in (
        b"",
        b"[]",
        b'{"query": 1}',
        b"{",
        b'{"query": "{viewer{id}}", "variables": []}',
    ):
        response = await asking.client.post("/graphql", content=content)
        assert response.status_code in {400, 422}
        assert response.json()["errors"][0]["message"]


async def test_introspection_when_asked_then_tells_the_schema(asking: Asking) -> None:
    body = await asking.graphql("ada", "{ __schema { queryType { fields { name } } } }")
    assert {"name": "viewer"} in body["data"]["__schema"]["queryType"]["fields"]


async def test_oidc_when_a_token_is_sent_then_is_refused_with_the_way_to_log_in(
    asking: Asking,
) -> None:
    response = await asking.client.post("/oidc/token", content=json.dumps({}))
    assert response.status_code == 400
    assert response.json()["error"] == "unsupported_grant_type"
    assert "WANDB_API_KEY" in response.json()["message"]
