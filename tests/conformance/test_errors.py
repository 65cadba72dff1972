"""Every refusal through the real client: its own exception class, the service's words, and what to do about it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import openai
import pytest

from conformance.refusals import INVALID, ROWS, SMALL_ROWS, Row, chat
from conformance.server import PATIENCE_S, PROJECT, TEAM, Weft, wait_until

pytestmark = pytest.mark.conformance


def check(row: Row, client: openai.OpenAI) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        row.attempt(client)
    error = caught.value
    assert type(error) is row.error
    assert error.status_code == row.status
    assert error.code == row.code
    assert error.param == row.param
    body: Any = error.body
    assert body["message"].startswith(row.message)
    assert body["type"]
    assert body["metadata"]["remedy"]
    assert error.request_id is not None
    assert error.request_id.startswith("req_")
    return error


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_refusal_when_it_comes_then_is_the_clients_own_and_says_what_to_do(
    client: openai.OpenAI, row: Row
) -> None:
    check(row, client)


@pytest.mark.parametrize("row", SMALL_ROWS.values(), ids=SMALL_ROWS)
def test_refusal_of_a_tight_server_when_it_comes_then_says_what_to_do(
    small_client: openai.OpenAI, row: Row
) -> None:
    check(row, small_client)


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"models": ["test/thinker"]}, 403, "model_not_allowed"),
        ({"scopes": ["traces"]}, 403, "scope_missing"),
        ({"team": "wandb"}, 401, "invalid_project"),
    ],
)
def test_key_when_it_may_not_do_this_then_is_refused(
    weft: Weft,
    client: openai.OpenAI,
    wanted: dict[str, Any],
    status: int,
    code: str,
) -> None:
    key = make_key(weft, wanted)["api_key"]
    place = f"{TEAM}/{PROJECT}"
    with pytest.raises(openai.APIStatusError) as caught:
        chat(client.with_options(api_key=key, project=place))
    error = caught.value
    expected = openai.AuthenticationError if status == 401 else openai.PermissionDeniedError
    assert type(error) is expected
    assert (error.status_code, error.code) == (status, code)
    body: Any = error.body
    assert body["metadata"]["remedy"]


def test_key_when_it_expires_then_the_next_request_is_refused(
    weft: Weft, client: openai.OpenAI
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    made = make_key(weft, {"expires_at": soon.isoformat()})
    mine = client.with_options(api_key=made["api_key"])
    assert chat(mine)
    refused: list[openai.AuthenticationError] = []

    def is_refused() -> bool:
        try:
            chat(mine)
        except openai.AuthenticationError as error:
            refused.append(error)
        return bool(refused)

    wait_until(is_refused)
    assert datetime.now(UTC) >= soon
    body: Any = refused[0].body
    assert body["message"] == INVALID
    assert body["metadata"]["reason"] == "expired_key"


def test_key_when_revoked_then_the_next_request_is_refused(
    weft: Weft, client: openai.OpenAI
) -> None:
    made = make_key(weft, {})
    mine = client.with_options(api_key=made["api_key"])
    assert chat(mine)
    url = f"{weft.console_url}api/keys/{made['id']}"
    httpx.delete(url, headers=weft.headers, timeout=PATIENCE_S).raise_for_status()
    with pytest.raises(openai.AuthenticationError, match=INVALID):
        chat(mine)


def test_books_when_they_cannot_be_kept_then_no_answer_is_given_away(
    small_weft: Weft, small_client: openai.OpenAI
) -> None:
    with closing(sqlite3.connect(small_weft.data_dir / "weft.db", timeout=PATIENCE_S)) as books:
        books.execute("ALTER TABLE usage RENAME TO usage_away")
        books.commit()
        try:
            with pytest.raises(openai.InternalServerError, match="database does not") as caught:
                chat(small_client)
        finally:
            books.execute("ALTER TABLE usage_away RENAME TO usage")
    assert caught.value.status_code == 503
    assert caught.value.code == "database_unavailable"
    assert caught.value.response.headers["retry-after"] == "2"


def make_key(weft: Weft, wanted: dict[str, Any]) -> dict[str, Any]:
    response = httpx.post(
        f"{weft.console_url}api/keys", json=wanted, headers=weft.headers, timeout=PATIENCE_S
    )
    assert response.status_code == 201, response.text
    return response.json()
