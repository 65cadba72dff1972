"""Who may do what, what the audit log is told of it, and that no other site does it: every route, out of one table.

`table.py` has a row for each route under `/api`. What is added to the server without one fails here.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

import httpx
import pytest
import pytest_asyncio

from app.matrix.grounds import CALLERS, Grounds, name_of, open_grounds
from app.matrix.rows import Json, Row, filled
from app.matrix.table import TABLE

pytestmark = pytest.mark.asyncio(loop_scope="module")
_SAFE = {"get", "head", "options"}
_NO_SESSION = {
    "POST /api/billing/webhooks/stripe": "takes no session: Stripe signs",
    "POST /api/invitations/find": "takes no session, and only reads",
    "POST /api/resets/find": "takes no session, and only reads",
}
"""Routes that another site's page may send to, and why that does no harm."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grounds(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Grounds]:
    async with open_grounds(tmp_path_factory.mktemp("house")) as grounds:
        yield grounds


@dataclass(frozen=True)
class Ready:
    """A call with everything made that it needs."""

    method: str
    path: str
    query: dict[str, str]
    body: Json
    cookie: str
    tells: list[tuple[str, str]]
    """The action and the name that the audit log gets, if the caller may."""

    async def send(self, grounds: Grounds, headers: dict[str, str] | None = None) -> httpx.Response:
        sent = {**({"cookie": self.cookie} if self.cookie else {}), **(headers or {})}
        answer = await grounds.door.client.request(
            self.method, self.path, params=self.query, headers=sent, json=self.body
        )
        grounds.door.client.cookies.clear()  # each call says by itself whose it is
        return answer


async def ready(grounds: Grounds, route: str, caller: str) -> Ready:
    """The call that the row of `route` describes, by one of `CALLERS`."""
    row, (method, path) = TABLE[route], route.split(" ")
    place, names = await row.place(path, grounds, name_of(caller))
    cookie = grounds.cookie(caller) if row.leaves else grounds.cookies[caller]
    query, body = filled(dict(row.query), names), filled(row.send, names)
    tells = [(row.tells, row.by.format(**names))] if row.tells else []
    return Ready(method, place, query, body, cookie, tells)


def expected(row: Row, caller: str) -> int:
    answer = row.answers[CALLERS.index(caller)]
    return row.ok if answer == "ok" else int(answer)


async def test_routes_when_listed_then_each_has_a_row_and_each_change_says_what_is_told(
    grounds: Grounds,
) -> None:
    paths = grounds.app.openapi()["paths"]
    routes = {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        if path.startswith("/api/")
        for method in methods
    }
    assert routes == set(TABLE)
    for route, row in TABLE.items():
        assert len(row.answers) == len(CALLERS), route
        if route.split(" ")[0].lower() not in _SAFE:
            assert bool(row.tells) != bool(row.silent), f"{route}: `tells` what, or `silent` why?"


@pytest.mark.timeout(400)  # some six hundred calls, on a machine that may do much else
async def test_routes_when_everybody_asks_then_as_the_table_says_and_the_audit_log_knows(
    grounds: Grounds,
) -> None:
    wrong: list[str] = []
    for route, row in TABLE.items():
        for caller in CALLERS:
            call = await ready(grounds, route, caller)
            before = grounds.count_entries()
            answer = await call.send(grounds)
            wanted = expected(row, caller)
            if answer.status_code != wanted:
                wrong.append(
                    f"{route}: {caller}: {answer.status_code}, not {wanted}: {answer.text}"
                )
            count = grounds.count_entries() - before
            new = grounds.entries(count) if count else []
            may = row.answers[CALLERS.index(caller)] == "ok"
            told = [(one.action, one.by) for one in new]
            if told != (call.tells if may else []):
                wrong.append(f"{route}: {caller}: the audit log got {told}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}],
    ids=str,
)
async def test_changes_when_another_site_sends_them_then_refused(
    grounds: Grounds, headers: dict[str, str]
) -> None:
    for route in TABLE:
        if route.split(" ")[0].lower() in _SAFE or route in _NO_SESSION:
            continue
        call = await ready(grounds, route, "server")
        before = grounds.count_entries()
        answer = await call.send(grounds, headers)
        assert answer.status_code == HTTPStatus.FORBIDDEN, route
        assert "another site" in answer.json()["error"]["message"], route
        assert grounds.count_entries() == before, route


async def test_secrets_when_everything_was_changed_then_none_is_in_the_audit_log(
    grounds: Grounds,
) -> None:
    answer = await grounds.door.client.get(
        "/api/audit", params={"limit": 200}, headers={"cookie": grounds.cookies["server"]}
    )
    assert answer.status_code == HTTPStatus.OK
    for secret in ("weft_", "password", "sk_test", "whsec_", *grounds.cookies.values()):
        assert not secret or secret not in answer.text
