"""The rows of the playground's routes; see `table.py`."""

from app.matrix.grounds import MODEL, PROJECT, TEAM, Grounds
from app.matrix.rows import Filled, Row

READERS = "401 404 ok ok ok 404"
"""Who is in the team: the server's admin is not."""
WRITERS = "401 404 403 ok ok 404"
BASE = "/api/playground/{team}/{project}"
HERE = BASE.format(team=TEAM, project=PROJECT)
PROVIDER = {"base_url": "https://provider.invalid/v1", "api_key": "k", "models": [{"name": "m"}]}
SAVED = {"name": "careful", "llm_model_id": MODEL}
EVALS = "/api/evals/{team}/{project}"
EVALUATION = {
    "name": "words",
    "dataset_ref": f"weave:///{TEAM}/{PROJECT}/object/Words:latest",
    "models": [{"model": MODEL}],
}


def some_provider(grounds: Grounds, _caller: str) -> Filled:
    return {"name": grounds.fresh("provider")}


async def new_provider(grounds: Grounds, caller: str) -> Filled:
    names = some_provider(grounds, caller)
    await grounds.ask("PUT", f"{HERE}/providers/{names['name']}", PROVIDER, by="admin")
    return names


async def new_saved(grounds: Grounds, _caller: str) -> Filled:
    wanted = {**SAVED, "name": grounds.fresh("saved")}
    made = await grounds.ask("POST", f"{HERE}/models", wanted, by="admin")
    return {"object_id": made["object_id"]}


ROWS: dict[str, Row] = {
    f"POST {BASE}/chat/completions": Row(
        WRITERS,
        send={"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]},
        silent="inference",
    ),
    f"GET {BASE}/history": Row(READERS),
    f"GET {BASE}/history/{{chat_id}}": Row(READERS, 404, fill=lambda _g, _c: {"chat_id": "none"}),
    f"GET {BASE}/models": Row(READERS),
    f"POST {BASE}/models": Row(WRITERS, send=SAVED, silent="a version that says who made it"),
    f"GET {BASE}/models/{{object_id}}/versions": Row(READERS, fill=new_saved),
    f"GET {BASE}/models/{{object_id}}/versions/{{version}}": Row(
        "401 404 ok ok ok 404",
        404,
        fill=lambda _g, _c: {"object_id": "none", "version": "v0"},
    ),
    f"DELETE {BASE}/models/{{object_id}}": Row(
        WRITERS, 204, fill=new_saved, silent="an object of the project, as clients delete them"
    ),
    f"GET {BASE}/providers": Row(READERS),
    f"PUT {BASE}/providers/{{name}}": Row(
        WRITERS, send=PROVIDER, fill=some_provider, tells="provider.save"
    ),
    f"DELETE {BASE}/providers/{{name}}": Row(
        WRITERS, 204, fill=new_provider, tells="provider.remove"
    ),
    f"POST {BASE}/providers/{{name}}/test": Row(  # there is no server of that name
        WRITERS, 502, send=PROVIDER, fill=some_provider, silent="asks, and changes nothing"
    ),
    f"GET {EVALS}/runs": Row(READERS),
    f"GET {EVALS}/runs/means": Row(READERS),
    f"GET {EVALS}/comparison": Row(READERS, 404, query={"runs": "none"}),
    f"POST {EVALS}/rows": Row(
        READERS, 404, send={"runs": ["none"]}, silent="asks, and changes nothing"
    ),
    f"POST {EVALS}/estimate": Row(
        WRITERS, 404, send=EVALUATION, silent="asks, and changes nothing"
    ),
    f"POST {EVALS}/batches": Row(WRITERS, 404, send=EVALUATION, silent="calls say who made them"),
    f"GET {EVALS}/batches": Row(READERS),
    f"GET {EVALS}/batches/{{batch_id}}": Row(
        READERS, 404, fill=lambda _g, _c: {"batch_id": "none"}
    ),
    f"POST {EVALS}/batches/{{batch_id}}/stop": Row(
        WRITERS, 404, fill=lambda _g, _c: {"batch_id": "none"}, silent="inference"
    ),
    f"POST {EVALS}/batches/{{batch_id}}/resume": Row(
        WRITERS, 404, send={}, fill=lambda _g, _c: {"batch_id": "none"}, silent="inference"
    ),
}
