"""What answers never hold, on every route: another site's frame around them, and secrets."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import inspect, text

from app.matrix.grounds import CALLERS, TEAM, Grounds, open_grounds
from app.matrix.rows import filled
from app.matrix.table import TABLE
from billing.stripe_stand_in import SECRET_KEY, WEBHOOK_SECRET
from weft.web.links import LINKS
from weft.web.routes import PAGES

pytestmark = pytest.mark.asyncio(loop_scope="module")
_PARAMETER = re.compile(r"\{(\w+)[^}]*\}")
_KEPT_SECRET = re.compile(r"digest|hash|secret|token|password|key$")
"""Columns of accounts that hold what nobody may read, or what it is recognised by."""
_API_KEY = re.compile(r"weft_[0-9A-Za-z]{35}")
_PASSWORD_HASH = "$argon2"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grounds(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Grounds]:
    async with open_grounds(tmp_path_factory.mktemp("answers")) as grounds:
        yield grounds


async def ask(
    grounds: Grounds, method: str, path: str, caller: str, **how: object
) -> httpx.Response:
    cookie = grounds.cookies[caller]
    headers = {"cookie": cookie} if cookie else {}
    answer = await grounds.door.client.request(method, path, headers=headers, **how)  # pyright: ignore[reportArgumentType]
    grounds.door.client.cookies.clear()
    return answer


def kept_secrets(grounds: Grounds) -> set[str]:
    """Whatever the tables of accounts hold in columns of secrets, and the secrets of the settings."""
    found = {SECRET_KEY, WEBHOOK_SECRET, grounds.secret.hex()}
    found |= {cookie.partition("=")[2] for cookie in grounds.cookies.values() if cookie}
    with grounds.door.database.read() as connection:
        look = inspect(connection)
        for table in look.get_table_names():
            if not table.startswith(("identity_", "playground_")):
                continue
            for column in look.get_columns(table):
                name = column["name"]
                if not _KEPT_SECRET.search(name):
                    continue
                values = connection.execute(text(f'SELECT "{name}" FROM "{table}"')).scalars()
                found |= {value for value in values if isinstance(value, str) and len(value) > 15}
    return found


async def test_reading_routes_when_asked_by_anybody_then_no_secret_is_in_the_answer(
    grounds: Grounds,
) -> None:
    secrets = kept_secrets(grounds)
    assert len(secrets) > 10
    told: list[str] = []
    answered = 0
    for route, row in TABLE.items():
        method, path = route.split(" ")
        if method != "GET":
            continue
        for caller in ("server", "admin", "member"):
            place, names = await row.place(
                path, grounds, "captain" if caller == "admin" else caller
            )
            query = filled(dict(row.query), names)
            body = (await ask(grounds, method, place, caller, params=query)).text
            answered += 1
            if (
                _API_KEY.search(body)
                or _PASSWORD_HASH in body
                or any(one in body for one in secrets)
            ):
                told.append(f"{route} as {caller}")
    assert not told, "\n".join(told)
    assert answered > 60


async def test_pages_and_routes_when_answered_then_no_other_site_can_frame_them(
    grounds: Grounds,
) -> None:
    paths = [route.split(" ")[1] for route in TABLE if route.startswith("GET ")]
    paths += [
        *PAGES,
        *LINKS,
        "/docs",
        "/openapi.json",
        "/healthz",
        "/login/nothing",
        "/no/such/page",
    ]
    loose: list[str] = []
    for path in paths:
        place = _PARAMETER.sub(lambda m: TEAM if m[1] == "team" else "x", path)
        for caller in (CALLERS[0], CALLERS[-1]):
            headers = (await ask(grounds, "GET", place, caller)).headers
            policy = headers.get("content-security-policy", "")
            if not re.search(r"frame-ancestors '(none|self)'", policy):
                loose.append(f"{place}: {policy}")
            if headers.get("x-content-type-options") != "nosniff":
                loose.append(f"{place}: types may be guessed")
    assert not loose, "\n".join(loose)


async def test_session_when_it_begins_then_its_cookie_is_for_this_site_and_no_script(
    grounds: Grounds,
) -> None:
    link = grounds.login_link("member")
    answer = await grounds.door.client.get(f"/login/{link}")
    grounds.door.client.cookies.clear()
    cookie = answer.headers["set-cookie"].lower()
    for flag in ("httponly", "samesite=lax", "path=/"):
        assert flag in cookie, flag
    assert answer.headers["location"].startswith("/")


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\\\evil.example", "javascript:alert(1)"]
)
async def test_ways_in_when_told_to_go_on_to_another_site_then_stay_here(
    grounds: Grounds, to: str
) -> None:
    link = grounds.login_link("member")
    for path in (f"/login/{link}", "/login/wrong", "/oidc/login"):
        answer = await grounds.door.client.get(path, params={"next": to})
        grounds.door.client.cookies.clear()
        location = answer.headers.get("location", "/")
        assert httpx.URL("http://weft.test").join(location).host == "weft.test", (
            f"{path}: {location}"
        )
        assert not location.startswith(("//", "/\\", "javascript:")), location
