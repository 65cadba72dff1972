"""Single sign-on against a certified provider, over real sockets: everything but the browser."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text

from identity.door import give_password, log_in, make_app
from identity.house import HandClock, House
from identity.oidc.local_provider import CLIENT_SECRET, LocalProvider, running_provider
from weft.identity.audit.store import list_entries
from weft.identity.audit.types import Wanted
from weft.identity.login.entrance import Ways
from weft.identity.oidc.options import Newcomers, OidcOptions
from weft.identity.people import disable_user, find_user
from weft.identity.principal import Gate
from weft.identity.teams import find_role
from weft.identity.types import Role
from weft.kit.clock import SystemClock

WEFT = "http://weft.test"
BACK = f"{WEFT}/oidc/callback"


@pytest.fixture
def clock() -> HandClock:
    """The provider's time is the machine's."""
    return HandClock(SystemClock().now())


@pytest.fixture(scope="module")
def provider() -> Iterator[LocalProvider]:
    with running_provider([BACK]) as running:
        yield running


@pytest.fixture
def options(provider: LocalProvider) -> OidcOptions:
    return OidcOptions(
        issuer=provider.issuer,
        client_id="weft",
        client_secret=CLIENT_SECRET,
        name="Example",
        scopes="openid profile email",
        username_claim="preferred_username",
        email_domains=frozenset(),
        link_by_email=False,
        newcomers=Newcomers("", Role.MEMBER),
    )


class Browser:
    """One browser: its cookies, and the way to the provider and back."""

    def __init__(self, house: House, gate: Gate, secret: bytes, options: OidcOptions) -> None:
        app = make_app(house, gate, secret, Ways("", options))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=WEFT)

    async def start(self, back: str = "/settings?tab=1") -> str:
        answer = await self.client.get("/oidc/login", params={"next": back})
        assert answer.status_code == 303
        return answer.headers["location"]

    async def come_back(self, url: str) -> str:
        answer = await self.client.get(url)
        assert answer.status_code == 303
        return answer.headers["location"]

    async def go(self, provider: LocalProvider, account: str) -> str:
        return await self.come_back(provider.sign_in(await self.start(), account, back_to=BACK))

    async def username(self) -> str | None:
        answer = await self.client.get("/api/me")
        return answer.json()["username"] if answer.status_code == 200 else None


class Browsers:
    def __init__(self, house: House, gate: Gate, secret: bytes) -> None:
        self._parts = house, gate, secret
        self.all: list[Browser] = []

    def open(self, options: OidcOptions) -> Browser:
        self.all.append(Browser(*self._parts, options))
        return self.all[-1]


@pytest.fixture
async def browsers(house: House, gate: Gate, secret: bytes) -> AsyncIterator[Browsers]:
    opened = Browsers(house, gate, secret)
    yield opened
    for browser in opened.all:
        await browser.client.aclose()


def problem(location: str) -> str:
    parts = urlsplit(location)
    assert parts.path == "/login", location
    return parse_qs(parts.query)["problem"][0]


async def test_sign_in_when_new_then_makes_the_user_once_and_goes_where_they_were_going(
    browsers: Browsers, provider: LocalProvider, options: OidcOptions, house: House
) -> None:
    team = house.team("red")
    browser = browsers.open(replace(options, newcomers=Newcomers("red", Role.VIEWER)))
    start = await browser.start()
    asked = parse_qs(urlsplit(start).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert "nonce" in asked
    came = provider.sign_in(start, "sub-ada", back_to=BACK)
    assert await browser.come_back(came) == "/settings?tab=1"
    assert await browser.username() == "ada"
    # The same answer again, or in another browser, lets nobody in.
    assert problem(await browser.come_back(came)) == "oidc_start_again"
    other = browsers.open(options)
    assert problem(await other.come_back(came)) == "oidc_start_again"
    assert await other.username() is None
    # The second time it is the same user, also when newcomers are no longer welcome.
    again = browsers.open(replace(options, newcomers=None))
    assert await again.go(provider, "sub-ada") == "/settings?tab=1"
    assert await again.username() == "ada"
    with house.database.read() as connection:
        user = find_user(connection, "ada")
        assert user is not None
        assert user.email == "ada@example.com"
        assert find_role(connection, team.id, user.id) is Role.VIEWER
        (told,) = list_entries(connection, Wanted(action="user"), limit=9).entries
        assert (told.by, told.action, told.detail["team"]) == ("ada", "user.create", "red")
    # An e-mail address as the claim: the part before the @ is the name.
    bob = browsers.open(options)
    await bob.go(provider, "sub-bob")
    assert await bob.username() == "bob"
    # Once shut out, out.
    with house.database.write() as connection:
        disable_user(connection, user.id, house.clock.now())
    assert problem(await browsers.open(options).go(provider, "sub-ada")) == "user_disabled"


async def test_sign_in_when_nobody_may_be_made_or_named_so_then_says_what_to_do(
    browsers: Browsers, provider: LocalProvider, options: OidcOptions, house: House
) -> None:
    house.user("ada")
    closed = replace(options, newcomers=None)
    only = replace(options, email_domains=frozenset({"example.org"}))
    no_team = replace(options, newcomers=Newcomers("nowhere", Role.MEMBER))
    for chosen, account, expected in (
        (options, "sub-ada", "oidc_name_taken"),
        (closed, "sub-bob", "oidc_unknown"),
        (options, "sub-odd", "oidc_name"),
        (options, "sub-api", "oidc_name"),
        (only, "sub-ada", "oidc_domain"),
        (only, "sub-eve", "oidc_domain"),
        (only, "sub-odd", "oidc_domain"),
        (no_team, "sub-bob", "oidc_team"),
    ):
        browser = browsers.open(chosen)
        assert problem(await browser.go(provider, account)) == expected
        assert await browser.username() is None
        told = (await browser.client.get("/api/auth", params={"problem": expected})).json()
        assert told["problem"]["remedy"]
        assert told["oidc"]["name"] == "Example"
    with house.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM identity_oidc_link")).scalar() == 0
        assert find_user(connection, "bob") is None


async def test_sign_in_by_email_when_verified_and_allowed_then_is_that_user(
    browsers: Browsers, provider: LocalProvider, options: OidcOptions, house: House
) -> None:
    ada = house.user("countess")
    with house.database.write() as connection:
        connection.execute(text("UPDATE identity_user SET email = 'Ada@Example.com'"))
    by_email = replace(options, link_by_email=True, newcomers=None)
    assert problem(await browsers.open(by_email).go(provider, "sub-eve")) == "oidc_unknown"
    without = replace(options, newcomers=None)
    assert problem(await browsers.open(without).go(provider, "sub-ada")) == "oidc_unknown"
    browser = browsers.open(by_email)
    await browser.go(provider, "sub-ada")
    assert await browser.username() == ada.username
    # Two who have the address: nobody is found.
    with house.database.write() as connection:
        connection.execute(text("DELETE FROM identity_oidc_link"))
    house.user("twin")
    with house.database.write() as connection:
        connection.execute(text("UPDATE identity_user SET email = 'ada@example.com'"))
    assert problem(await browsers.open(by_email).go(provider, "sub-ada")) == "oidc_unknown"
    # Whoever could change their address could become somebody else's user.
    changed = await browser.client.patch("/api/me", json={"email": "x@example.com"})
    assert changed.json()["error"]["code"] == "email_is_fixed"


async def test_connect_when_signed_in_then_the_account_is_that_users(
    browsers: Browsers, provider: LocalProvider, options: OidcOptions, house: House, secret: bytes
) -> None:
    linus = house.user("linus")
    give_password(house, linus)
    closed = replace(options, newcomers=None)
    browser = browsers.open(closed)
    session = log_in(house, linus, secret)["cookie"].partition("=")[2]
    browser.client.cookies.set("weft_session", session)
    other_site = {"sec-fetch-site": "cross-site"}
    assert (await browser.client.post("/api/me/oidc", headers=other_site)).status_code == 403
    away = (await browser.client.post("/api/me/oidc")).json()["url"]
    came = provider.sign_in(away, "sub-ada", back_to=BACK)
    stolen = browsers.open(closed)
    stolen.client.cookies.set("weft_oidc", browser.client.cookies["weft_oidc"], path="/oidc")
    assert problem(await stolen.come_back(came)) == "oidc_start_again"
    came = provider.sign_in(away, "sub-ada", back_to=BACK)
    assert await browser.come_back(came) == "/settings/profile"
    assert (await browser.client.get("/api/me")).json()["has_single_sign_on"] is True
    fresh = browsers.open(closed)
    await fresh.go(provider, "sub-ada")
    assert await fresh.username() == "linus"
    # Another user cannot take it.
    grace = house.user("grace")
    taken = browsers.open(closed)
    session = log_in(house, grace, secret)["cookie"].partition("=")[2]
    taken.client.cookies.set("weft_session", session)
    away = (await taken.client.post("/api/me/oidc")).json()["url"]
    came = provider.sign_in(away, "sub-ada", back_to=BACK)
    assert problem(await taken.come_back(came)) == "oidc_linked"
    assert (await taken.client.delete("/api/me/oidc")).json()["error"]["code"] == "no_password"
    assert (await browser.client.delete("/api/me/oidc")).status_code == 204
    assert problem(await browsers.open(closed).go(provider, "sub-ada")) == "oidc_unknown"


async def test_sign_in_when_something_is_off_then_ends_on_a_page_that_says_so(
    browsers: Browsers, provider: LocalProvider, options: OidcOptions, clock: HandClock
) -> None:
    browser = browsers.open(options)
    cancelled = provider.cancel(await browser.start(), back_to=BACK)
    assert problem(await browser.come_back(cancelled)) == "oidc_denied"
    # Another state than this browser's.
    came = provider.sign_in(await browser.start(), "sub-ada", back_to=BACK)
    await browser.start()
    assert problem(await browser.come_back(came)) == "oidc_start_again"
    # A code that the provider never gave, and another issuer's answer.
    flow = parse_qs(urlsplit(await browser.start()).query)["state"][0]
    made_up = f"{BACK}?state={flow}&code=made-up"
    assert problem(await browser.come_back(made_up)) == "oidc_refused"
    flow = parse_qs(urlsplit(await browser.start()).query)["state"][0]
    mixed = f"{BACK}?state={flow}&code=x&iss=https://evil.example"
    assert problem(await browser.come_back(mixed)) == "oidc_token"
    # Another secret than the provider's.
    wrong = browsers.open(replace(options, client_secret="wrong"))
    assert problem(await wrong.go(provider, "sub-ada")) == "oidc_refused"
    # A code of another client of the same provider.
    other = browsers.open(replace(options, client_id="another"))
    state = parse_qs(urlsplit(await other.start()).query)["state"][0]
    theirs = provider.sign_in(await browser.start(), "sub-ada", back_to=BACK)
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    assert problem(await other.come_back(f"{BACK}?state={state}&code={code}")) == "oidc_refused"
    # Too late.
    came = provider.sign_in(await browser.start(), "sub-ada", back_to=BACK)
    clock.advance(601)
    assert problem(await browser.come_back(came)) == "oidc_start_again"
    assert await browser.username() is None


async def test_sign_in_when_clocks_differ_or_the_provider_is_away_then_says_so(
    browsers: Browsers, provider: LocalProvider, options: OidcOptions, clock: HandClock
) -> None:
    clock.advance(7200)  # the provider's tokens last an hour
    browser = browsers.open(options)
    assert problem(await browser.go(provider, "sub-ada")) == "oidc_expired"
    away = browsers.open(replace(options, issuer="http://127.0.0.1:9"))
    assert problem(await away.start()) == "oidc_away"
    strange = browsers.open(replace(options, issuer=f"{provider.issuer}/nowhere"))
    assert problem(await strange.start()) == "oidc_away"
    named = browsers.open(
        replace(options, issuer=provider.issuer.replace("127.0.0.1", "localhost"))
    )
    assert problem(await named.start()) == "oidc_token"


async def test_sign_in_when_back_leads_elsewhere_then_ends_at_home(
    browsers: Browsers, provider: LocalProvider, options: OidcOptions
) -> None:
    browser = browsers.open(options)
    came = provider.sign_in(await browser.start("//evil.example/login"), "sub-ada", back_to=BACK)
    assert await browser.come_back(came) == "/"
