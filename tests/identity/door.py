"""Identity's routes in an app of their own, and ways to ask them as somebody."""

from fastapi import FastAPI, Request, Response

from identity.house import House
from weft.identity.login.cookie import COOKIE
from weft.identity.login.entrance import Ways
from weft.identity.logins import start_session
from weft.identity.people import set_password
from weft.identity.principal import Gate
from weft.identity.routes import router
from weft.identity.secrets import hash_password
from weft.identity.types import Scope, User
from weft.kit.errors import WeftError
from weft.kit.routes.handing import hand_on

PASSWORD = "correct horse"


async def answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, WeftError)
    return Response(error.envelope(), error.status, media_type="application/json")


def make_app(house: House, gate: Gate, secret: bytes, ways: Ways | None = None) -> FastAPI:
    app = FastAPI()
    hand_on(router(house.database, gate, secret, house.clock, ways), app)
    app.add_exception_handler(WeftError, answer_error)
    return app


def by_key(house: House, user: User, *scopes: Scope) -> dict[str, str]:
    made = house.key(user, scopes=frozenset(scopes or {Scope.MANAGE}))
    return {"authorization": f"Bearer {made.api_key}"}


def log_in(house: House, user: User, secret: bytes) -> dict[str, str]:
    with house.database.write() as connection:
        session = start_session(
            connection, user.id, secret=secret, now=house.clock.now(), device="Testzilla"
        )
    return {"cookie": f"{COOKIE}={session}"}


def give_password(house: House, user: User, password: str = PASSWORD) -> None:
    with house.database.write() as connection:
        set_password(connection, user.id, hash_password(password))
