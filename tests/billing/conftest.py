"""What the tests of billing share: people, money, and the routes as callers reach them."""

from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response

from billing.ledgers import Books
from billing.stripe_stand_in import SECRET_KEY, WEBHOOK_SECRET, StripeStandIn, stripe_stand_in
from identity.house import SECRET, HandClock, House
from weft.identity.principal import Gate
from weft.identity.types import Scope, User
from weft.kit.db import Database
from weft.kit.errors import WeftError
from weft.kit.routes.handing import hand_on
from weft.kit.settings import Settings

Headers = dict[str, str]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def house(database: Database, clock: HandClock) -> House:
    return House(database, clock)


@pytest.fixture
def books(database: Database, clock: HandClock) -> Books:
    return Books(database, clock)


@pytest.fixture
def gate(database: Database, clock: HandClock) -> Iterator[Gate]:
    gate = Gate(database, SECRET, clock, require_project=False)
    yield gate
    gate.close()


@pytest.fixture
def key_of(house: House) -> Callable[[User], Headers]:
    """The header of a key that manages."""

    def make(user: User) -> Headers:
        made = house.key(user, scopes=frozenset({Scope.MANAGE}))
        return {"authorization": f"Bearer {made.api_key}"}

    return make


@pytest.fixture
def stripe_api() -> Iterator[StripeStandIn]:
    with stripe_stand_in() as here:
        yield here


@pytest.fixture
def settings(stripe_api: StripeStandIn) -> Settings:
    return Settings.model_validate(
        {
            "public_url": "https://weft.example.com",
            "stripe_secret_key": SECRET_KEY,
            "stripe_webhook_secret": WEBHOOK_SECRET,
            "stripe_api_base": stripe_api.url,
        }
    )


async def _answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, WeftError)
    return Response(error.envelope(), error.status, media_type="application/json")


MakeClient = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def make_client() -> AsyncIterator[MakeClient]:
    """A client of an app with these routers."""
    clients: list[httpx.AsyncClient] = []

    def make(*routers: APIRouter) -> httpx.AsyncClient:
        app = FastAPI()
        for router in routers:
            hand_on(router, app)
        app.add_exception_handler(WeftError, _answer_error)
        transport = httpx.ASGITransport(app)
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://test"))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()
