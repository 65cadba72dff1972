"""The routes as callers see them: anonymous, somebody else, not found, valid."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import Depends, FastAPI

from identity.door import PASSWORD, by_key, give_password, log_in, make_app
from identity.house import HandClock, House
from weft.identity.login.cookie import COOKIE
from weft.identity.login.entrance import Ways
from weft.identity.logins import FAILURES_LIMIT, make_login_link
from weft.identity.people import disable_user
from weft.identity.principal import Gate
from weft.identity.routes import signed_in
from weft.identity.secrets import is_key
from weft.identity.types import Role, Scope, User
from weft.kit.errors import WeftError


def make_own_app(house: House, gate: Gate, secret: bytes, *, secure: bool = False) -> FastAPI:
    app = make_app(house, gate, secret, Ways("https://test" if secure else ""))
    who = Depends(signed_in(gate))

    @app.get("/other")
    async def other(user: User = who) -> str:
        return user.username

    _ = other
    return app


@pytest.fixture
async def client(house: House, gate: Gate, secret: bytes) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_own_app(house, gate, secret))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
def ada(house: House) -> User:
    return house.user("ada", house.team("red", "one"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me"),
        ("GET", "/api/keys"),
        ("POST", "/api/keys"),
        ("DELETE", "/api/keys/key_x"),
        ("GET", "/other"),
    ],
)
async def test_route_when_anonymous_then_401_with_a_remedy(
    client: httpx.AsyncClient, house: House, ada: User, method: str, path: str
) -> None:
    for headers in (
        {},
        {"cookie": f"{COOKIE}=made-up"},
        {"authorization": "Bearer weft_" + "a" * 35},
        {"authorization": "Bearer ÿ"},
    ):
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        answer = await client.request(method, path, headers=encoded, json={})
        assert answer.status_code == 401
        assert answer.json()["error"]["metadata"]["remedy"]
    weak = by_key(house, ada, Scope.INFERENCE, Scope.TRACES)
    assert (await client.request(method, path, headers=weak, json={})).status_code == 403


async def test_me_when_asked_then_tells_teams_roles_and_projects(
    client: httpx.AsyncClient, house: House, ada: User, secret: bytes
) -> None:
    house.user("bob", house.team("blue", "two"))
    house.user("ada", house.team("green"), role=Role.VIEWER)
    by_cookie = await client.get("/api/me", headers=log_in(house, ada, secret))
    assert by_cookie.status_code == 200
    assert by_cookie.json() == {
        "id": ada.id,
        "username": "ada",
        "email": "",
        "is_admin": False,
        "default_team": "red",
        "teams": [
            {"name": "ada", "kind": "personal", "role": "admin", "projects": []},
            {"name": "green", "kind": "team", "role": "viewer", "projects": []},
            {"name": "red", "kind": "team", "role": "member", "projects": ["one"]},
        ],
        "has_password": False,
        "has_single_sign_on": False,
    }
    assert (await client.get("/api/me", headers=by_key(house, ada))).json() == by_cookie.json()


async def test_signed_in_when_another_room_uses_it_then_yields_the_user(
    client: httpx.AsyncClient, house: House, ada: User, secret: bytes
) -> None:
    answer = await client.get("/other", headers=log_in(house, ada, secret))
    assert answer.json() == "ada"


async def test_keys_when_made_then_work_are_listed_without_the_key_and_can_be_revoked(
    client: httpx.AsyncClient, house: House, gate: Gate, ada: User, secret: bytes
) -> None:
    headers = log_in(house, ada, secret)
    wish = {
        "name": "laptop",
        "team": "red",
        "project": "one",
        "scopes": ["inference"],
        "models": ["b", "a"],
        "expires_at": (house.clock.now() + timedelta(days=1)).isoformat(),
    }
    created = await client.post("/api/keys", headers=headers, json=wish)
    assert created.status_code == 201
    key = created.json()
    api_key = key.pop("api_key")
    assert is_key(api_key.encode())
    assert (key["team"], key["project"], key["models"]) == ("red", "one", ["a", "b"])
    header = b"Bearer " + api_key.encode()
    assert (await gate.authorize(header, b"red/one")).username == "ada"

    listed = await client.get("/api/keys", headers=headers)
    assert listed.json() == {"keys": [key]}
    assert api_key not in listed.text

    revoked = await client.delete(f"/api/keys/{key['id']}", headers=headers)
    assert revoked.status_code == 204
    house.catch_up(gate)
    assert gate.find(header, b"red/one") is None
    with pytest.raises(WeftError):
        await gate.authorize(header, b"red/one")
    (kept,) = (await client.get("/api/keys", headers=headers)).json()["keys"]
    assert kept["revoked_at"] is not None


async def test_keys_when_they_are_somebody_elses_then_do_not_exist(
    client: httpx.AsyncClient, house: House, ada: User
) -> None:
    bob = house.user("bob")
    made = house.key(bob)
    headers = by_key(house, ada)
    theirs = await client.delete(f"/api/keys/{made.key.id}", headers=headers)
    nobodys = await client.delete("/api/keys/key_none", headers=headers)
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    assert made.key.id not in (await client.get("/api/keys", headers=headers)).text
    of_bob = (await client.get("/api/keys", headers=by_key(house, bob))).json()["keys"]
    assert [key["revoked_at"] for key in of_bob] == [None, None]


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"team": "blue"}, 404),
        ({"team": "nowhere"}, 404),
        ({"team": "red", "project": "nothing"}, 404),
        ({"project": "one"}, 404),
        ({"scopes": []}, 400),
        ({"scopes": ["manage"], "team": "red"}, 400),
        ({"scopes": ["root"]}, 422),
        ({"models": []}, 400),
        ({"name": "x\n"}, 400),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 400),
        ({"expires_at": "2030-01-01T00:00:00"}, 422),
        ({"expires_at": "9999-12-31T23:59:59-12:00"}, 400),
        ({"expires_at": "9999-12-31T23:59:59Z"}, 400),
        ({"expires_at": "0001-01-01T00:00:00+12:00"}, 400),
        ({"expires_at": "0001-01-01T00:00:00Z"}, 400),
        ({"models": ["x\n"]}, 400),
        ({"expire_at": "2030-01-01T00:00:00Z"}, 422),
        ({"name": "x" * 129}, 422),
    ],
)
async def test_key_when_the_wish_cannot_be_met_then_none_is_made(
    client: httpx.AsyncClient, house: House, ada: User, wish: dict[str, object], status: int
) -> None:
    house.team("blue")
    headers = by_key(house, ada)
    answer = await client.post("/api/keys", headers=headers, json=wish)
    assert answer.status_code == status
    assert len((await client.get("/api/keys", headers=headers)).json()["keys"]) == 1


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"expires_at": "9999-12-31T23:59:59-12:00"}, "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+12:00"}, "expires_at"),
        ({"name": "x\n"}, "name"),
        ({"models": ["x\n"]}, "models"),
    ],
)
async def test_key_when_refused_then_the_field_is_named(
    client: httpx.AsyncClient, house: House, ada: User, wish: dict[str, object], param: str
) -> None:
    answer = await client.post("/api/keys", headers=by_key(house, ada), json=wish)
    assert answer.json()["error"]["param"] == param


async def test_login_when_a_field_is_unknown_then_refused(client: httpx.AsyncClient) -> None:
    wish = {"username": "ada", "password": PASSWORD, "pasword": "x"}
    assert (await client.post("/api/login", json=wish)).status_code == 422


async def test_key_when_made_by_a_key_that_expires_then_expires_no_later(
    client: httpx.AsyncClient, house: House, ada: User
) -> None:
    until = house.clock.now() + timedelta(hours=1)
    made = house.key(ada, scopes=frozenset({Scope.MANAGE}), expires_at=until)
    headers = {"authorization": f"Bearer {made.api_key}"}
    later = (until + timedelta(days=9)).isoformat()
    for wish in ({}, {"expires_at": later}):
        created = await client.post("/api/keys", headers=headers, json=wish)
        assert created.json()["expires_at"] == until.isoformat().replace("+00:00", "Z")


async def test_login_when_the_password_is_right_then_the_cookie_works_until_logout(
    client: httpx.AsyncClient, house: House, ada: User
) -> None:
    give_password(house, ada)
    answer = await client.post("/api/login", json={"username": "ada", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json() == {"username": "ada"}
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "; secure" not in cookie
    assert answer.headers["cache-control"] == "no-store"
    kept = client.cookies[COOKIE]
    assert (await client.get("/api/me")).json()["username"] == "ada"
    assert (await client.post("/api/logout")).status_code == 204
    assert COOKIE not in client.cookies
    stolen = await client.get("/api/me", headers={"cookie": f"{COOKIE}={kept}"})
    assert stolen.status_code == 401
    assert (await client.post("/api/logout")).status_code == 204


async def test_login_when_wrong_then_one_answer_for_all_causes(
    client: httpx.AsyncClient, house: House, ada: User, clock: HandClock
) -> None:
    give_password(house, ada)
    gone = house.user("gone")
    give_password(house, gone)
    with house.database.write() as connection:
        disable_user(connection, gone.id, clock.now())
    house.user("none")
    tries = [
        {"username": "ada", "password": "wrong"},
        {"username": "nobody", "password": PASSWORD},
        {"username": "gone", "password": PASSWORD},
        {"username": "none", "password": PASSWORD},
        {"username": "ADA", "password": PASSWORD},
    ]
    answers = [await client.post("/api/login", json=one) for one in tries]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["error"]["code"] == "invalid_credentials"
    assert COOKIE not in client.cookies


async def test_login_when_wrong_too_often_then_even_the_right_password_waits(
    client: httpx.AsyncClient, house: House, ada: User
) -> None:
    give_password(house, ada)
    wrong = {"username": "ada", "password": "wrong password"}
    for _ in range(FAILURES_LIMIT):
        assert (await client.post("/api/login", json=wrong)).status_code == 401
    right = {"username": "ada", "password": PASSWORD}
    refused = await client.post("/api/login", json=right)
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "too_many_logins"
    house.clock.advance(refused.json()["error"]["metadata"]["retry_after_s"])
    assert (await client.post("/api/login", json=right)).status_code == 200


async def test_link_when_followed_then_logs_in_once(
    client: httpx.AsyncClient, house: House, ada: User, secret: bytes
) -> None:
    with house.database.write() as connection:
        link = make_login_link(connection, ada, secret=secret, now=house.clock.now())
    first = await client.get(f"/login/{link}")
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert first.headers["referrer-policy"] == "no-referrer"
    assert (await client.get("/api/me")).json()["username"] == "ada"
    client.cookies.clear()
    second = await client.get(f"/login/{link}")
    assert (second.status_code, second.headers["location"]) == (303, "/login?problem=link_expired")
    assert (await client.get("/api/me")).status_code == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_route_when_another_site_sends_the_cookie_then_403(
    client: httpx.AsyncClient, house: House, ada: User, secret: bytes, site: str
) -> None:
    headers = log_in(house, ada, secret) | {"sec-fetch-site": site}
    for method, path in (("POST", "/api/keys"), ("POST", "/api/logout")):
        answer = await client.request(method, path, headers=headers, json={})
        assert answer.status_code == 403
    own = headers | {"sec-fetch-site": "same-origin"}
    assert (await client.post("/api/keys", headers=own, json={})).status_code == 201


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://test:8081"}, 403),
        ({"origin": "http://test"}, 201),
        ({"origin": "https://TEST:443"}, 201),
        ({"origin": "http://evil.example", "sec-fetch-site": "same-origin"}, 201),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({}, 201),
    ],
)
async def test_route_when_only_the_origin_tells_where_it_comes_from_then_it_must_be_the_host(
    client: httpx.AsyncClient,
    house: House,
    ada: User,
    secret: bytes,
    headers: dict[str, str],
    status: int,
) -> None:
    give_password(house, ada)
    sent = log_in(house, ada, secret) | headers
    assert (await client.post("/api/keys", headers=sent, json={})).status_code == status
    login = {"username": "ada", "password": PASSWORD}
    answer = await client.post("/api/login", headers=headers, json=login)
    assert answer.status_code == (403 if status == 403 else 200)


async def test_route_when_two_keys_are_sent_then_401(
    client: httpx.AsyncClient, house: House, ada: User
) -> None:
    keys = [("authorization", by_key(house, ada)["authorization"]) for _ in range(2)]
    assert (await client.get("/api/me", headers=keys)).status_code == 401
    assert (await client.get("/api/me", headers=keys[:1])).status_code == 200


async def test_cookie_when_the_server_is_reached_by_https_then_is_secure(
    house: House, gate: Gate, ada: User, secret: bytes
) -> None:
    give_password(house, ada)
    transport = httpx.ASGITransport(make_own_app(house, gate, secret, secure=True))
    async with httpx.AsyncClient(transport=transport, base_url="https://test") as client:
        answer = await client.post("/api/login", json={"username": "ada", "password": PASSWORD})
    assert "; secure" in answer.headers["set-cookie"].lower()
