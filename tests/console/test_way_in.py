"""The ways in, in a real browser: password, single sign-on by a certified provider, invitations, resets, keys."""

import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from conformance.server import PROJECT, TEAM, Weft
from console.browser import Console, check_accessible, take_screenshots
from console.given import running_console
from identity.oidc.local_provider import CLIENT_SECRET, LocalProvider, running_provider
from weft.identity.logins import FAILURES_LIMIT

PASSWORD = "correct horse battery"
KEY = re.compile(r"weft_[0-9A-Za-z]{35}")


@pytest.fixture(scope="module")
def port() -> int:
    """Known before the server starts, since the provider has to know where to send people back to."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def provider(port: int) -> Iterator[LocalProvider]:
    with running_provider([f"http://127.0.0.1:{port}/oidc/callback"]) as running:
        yield running


@pytest.fixture(scope="module")
def weft(
    tmp_path_factory: pytest.TempPathFactory, provider: LocalProvider, port: int
) -> Iterator[Weft]:
    """A server that people sign in to by the provider, too; newcomers become viewers of the team."""
    settings = {
        "WEFT_OIDC_ISSUER": provider.issuer,
        "WEFT_OIDC_CLIENT_ID": "weft",
        "WEFT_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "WEFT_OIDC_NAME": "Example SSO",
        "WEFT_OIDC_CREATE_USERS": "true",
        "WEFT_OIDC_TEAM": TEAM,
        "WEFT_OIDC_ROLE": "viewer",
    }
    folder = tmp_path_factory.mktemp("way-in")
    flags = ("--port", str(port), "--stand-in")
    with running_console(folder, settings=settings, flags=flags, members=()) as weft:
        yield weft


def make_user(console: Console, name: str) -> None:
    """A user with `PASSWORD`, made by an invitation."""
    with console.page() as page:
        url = invitation(page)
    with console.page(username=None) as page:
        wanted = {"token": url.rpartition("/")[2], "username": name, "password": PASSWORD}
        assert page.request.post("/api/invitations/join", data=wanted).ok


def invitation(page: Page, **wanted: str) -> str:
    """The path of an invitation's link, made by the administrator whose page this is."""
    made = page.request.post(f"/api/teams/{TEAM}/invitations", data={"role": "member", **wanted})
    assert made.status == 201, made.text()
    return path_of(made.json()["url"])


def path_of(url: str) -> str:
    """Links are made for the address that the server was asked by; pages are asked by path."""
    return urlsplit(url).path


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def who(page: Page) -> str | None:
    answer = page.request.get("/api/me")
    return answer.json()["username"] if answer.ok else None


def test_password_when_right_then_goes_exactly_where_they_were_going(console: Console) -> None:
    make_user(console, "pat")
    going = f"/{TEAM}/{PROJECT}/runs/first?view=a+b&n=2#part"
    with console.page(username=None) as page:
        page.goto(going)
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.get_by_label("User name")).to_be_focused()
        sign_in(page, "pat", "wrong")
        expect(page.get_by_role("alert")).to_contain_text("Wrong user name or password.")
        check_accessible(page)
        sign_in(page, "pat")
        page.wait_for_url(f"{console.url}{going}")
        expect(page.get_by_role("heading", name="first")).to_be_visible()
        page.get_by_role("button", name="pat").click()
        page.get_by_role("menuitem", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert who(page) is None
        page.goto("/settings/keys")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        # Another site's address is never gone to.
        page.goto("/login?next=//evil.example/inference")
        sign_in(page, "pat")
        page.wait_for_url(f"{console.url}/inference")


def test_password_when_guessed_then_says_how_long_to_wait(console: Console) -> None:
    with console.page(username=None) as page:
        page.goto("/login")
        wrong = {"username": "guessed", "password": "wrong"}
        for _ in range(FAILURES_LIMIT):
            assert page.request.post("/api/login", data=wrong).status == 401
        sign_in(page, "guessed", "wrong")
        expect(page.get_by_role("alert")).to_contain_text("Try again in 15 minutes.")


def test_link_when_used_then_says_so_on_the_login_page(console: Console, weft: Weft) -> None:
    path = path_of(weft.cli("user", "login-link", "admin")["url"])
    with console.page(username=None) as page:
        page.goto(path)
        page.wait_for_url(f"{console.url}/inference")
        page.context.clear_cookies()
        page.goto(path)
        expect(page.get_by_role("alert")).to_contain_text("used already")
        check_accessible(page)


def test_invitation_when_followed_then_a_new_person_is_in_the_team(console: Console) -> None:
    with console.page() as page:
        path = invitation(page, email="nora@example.com")
    with console.page(username=None) as page:
        page.goto(path)
        expect(page.get_by_role("heading", name=f"Join {TEAM}")).to_be_visible()
        expect(page.get_by_label("E-mail")).to_have_value("nora@example.com")
        check_accessible(page)
        take_screenshots(page, "invite")
        page.get_by_label("User name").fill("admin")
        page.get_by_label("Password").fill(PASSWORD)
        join = page.get_by_role("button", name="Create the user and join")
        join.click()
        expect(page.get_by_role("alert")).to_contain_text("The name admin is taken")
        page.get_by_label("User name").fill("nora")
        join.click()
        page.wait_for_url(f"{console.url}/inference")
        me = page.request.get("/api/me").json()
        assert (me["username"], me["email"]) == ("nora", "nora@example.com")
        assert TEAM in [team["name"] for team in me["teams"]]
        page.goto(path)
        expect(page.get_by_text("This invitation is used")).to_be_visible()


def test_invitation_when_signed_in_then_accepts_as_that_user(console: Console, weft: Weft) -> None:
    weft.cli("user", "create", "lee")
    with console.page() as page:
        path = invitation(page)
    with console.page(username="lee") as page:
        page.goto(path)
        expect(page.get_by_role("button", name="I am somebody else")).to_be_visible()
        page.get_by_role("button", name="Join as lee").click()
        page.wait_for_url(f"{console.url}/inference")
        assert TEAM in [team["name"] for team in page.request.get("/api/me").json()["teams"]]


def test_reset_when_followed_then_the_new_password_works_and_sessions_ended(
    console: Console,
) -> None:
    make_user(console, "rita")
    console.signed_in("rita")
    with console.page() as page:
        made = page.request.post("/api/users/rita/reset-link")
        path = path_of(made.json()["url"])
    with console.page(username=None) as page:
        page.goto(path)
        expect(page.get_by_role("heading", name="Set a new password")).to_be_visible()
        check_accessible(page)
        take_screenshots(page, "reset")
        page.get_by_label("New password").fill("another horse battery")
        page.get_by_role("button", name="Set the password").click()
        page.wait_for_url(f"{console.url}/inference")
        assert who(page) == "rita"
        page.goto(path)
        expect(page.get_by_text("This link is used")).to_be_visible()
    with console.page(username="rita") as page:
        assert who(page) is None  # the session from before
        page.goto("/login")
        sign_in(page, "rita", "another horse battery")
        page.wait_for_url(f"{console.url}/inference")


def at_provider(page: Page, account: str) -> None:
    """What somebody does at the provider's own pages."""
    page.locator("input[name=login]").fill(account)
    page.locator("input[name=password]").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_single_sign_on_when_new_then_comes_in_where_they_were_going(console: Console) -> None:
    going = "/settings/profile?a=1"
    with console.page(username=None) as page:
        page.goto(going)
        button = page.get_by_role("link", name="Continue with Example SSO")
        expect(button).to_be_visible()
        take_screenshots(page, "login-sso")
        button.click()
        at_provider(page, "sub-ada")
        page.wait_for_url(f"{console.url}{going}")
        expect(page.get_by_text("You can sign in with Example SSO.")).to_be_visible()
        assert page.request.get("/api/me").json()["email"] == "ada@example.com"
        expect(page.get_by_text("You sign in without a password.")).to_be_visible()


def test_single_sign_on_when_refused_then_says_what_to_do(console: Console) -> None:
    make_user(console, "bob")
    with console.page(username=None) as page:
        page.goto("/login?next=/settings/keys")
        page.get_by_role("link", name="Continue with Example SSO").click()
        at_provider(page, "sub-bob")
        page.wait_for_url("**/login?problem=oidc_name_taken*")
        expect(page.get_by_role("alert")).to_contain_text("has your account's user name already")
        check_accessible(page)
        # As it says: with the password, then connect the account.
        sign_in(page, "bob")
        page.wait_for_url(f"{console.url}/settings/keys")
        page.goto("/settings/profile")
        page.get_by_role("button", name="Connect Example SSO").click()
        page.wait_for_url("**/settings/profile", wait_until="load")
        expect(page.get_by_text("You can sign in with Example SSO.")).to_be_visible()


def test_profile_when_changed_then_is_kept_and_other_sessions_end(console: Console) -> None:
    make_user(console, "sam")
    with console.page(username="sam") as page, console.page(username=None) as other:
        other.goto("/login")
        sign_in(other, "sam")
        other.wait_for_url(f"{console.url}/inference")
        page.goto("/settings/profile")
        expect(page.get_by_role("row").filter(has_text="this one")).to_have_count(1)
        check_accessible(page)
        take_screenshots(page, "profile")
        page.get_by_label("E-mail").fill("sam@example.com")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Your e-mail address is changed.")).to_be_visible()
        page.get_by_label("Old password").fill("wrong")
        page.get_by_label("New password").fill("yet another horse")
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("alert")).to_contain_text("The old password is another one")
        assert who(other) == "sam"
        page.get_by_label("Old password").fill(PASSWORD)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("Your password is changed.")).to_be_visible()
        assert who(other) is None
        assert who(page) == "sam"
        expect(page.get_by_role("row")).to_have_count(2)  # the head, and this session


def test_key_when_created_then_is_shown_once_and_can_be_revoked(console: Console) -> None:
    make_user(console, "kim")
    with console.page(username="kim") as page:
        page.goto("/settings/keys")
        expect(page.get_by_text("No keys yet")).to_be_visible()
        take_screenshots(page, "keys-empty")
        page.get_by_role("button", name="Create key").first.click()
        page.get_by_label("Name").fill("laptop")
        page.get_by_label("Team", exact=True).select_option(TEAM)
        page.get_by_label("Project", exact=True).select_option(PROJECT)
        page.get_by_label("Lasts").select_option("30 days")
        page.get_by_label("Manage").check()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Create key").click()
        expect(dialog.get_by_role("alert")).to_contain_text("cannot be restricted")
        page.get_by_label("Manage").uncheck()
        page.get_by_label("Only some models").check()
        page.get_by_label("weft/tiny-chat", exact=True).check()
        check_accessible(page)
        take_screenshots(page, "key-create")
        dialog.get_by_role("button", name="Create key").click()
        key = page.get_by_test_id("api-key").inner_text()
        assert KEY.fullmatch(key)
        check_accessible(page)
        take_screenshots(page, "key-created")
        bearer = {"authorization": f"Bearer {key}"}
        assert page.request.get("/v1/models", headers=bearer).ok
        page.get_by_role("button", name="Done").click()
        row = page.get_by_role("row").filter(has_text="laptop")
        expect(row).to_contain_text(f"{TEAM}/{PROJECT}")
        expect(row).to_contain_text("in 30 days")
        assert key not in page.content()
        take_screenshots(page, "keys")
        page.get_by_role("button", name="Revoke laptop").click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        expect(page.get_by_text("No keys yet")).to_be_visible()
        assert page.request.get("/v1/models", headers=bearer).status == 401
        page.get_by_label("Show 1 key that no longer works").check()
        expect(row).to_contain_text("revoked")
        assert "ended=true" in page.url


def test_authorize_when_a_client_sends_somebody_then_makes_a_key_and_says_what_to_run(
    console: Console,
) -> None:
    make_user(console, "wanda")
    with console.page(username=None) as page:
        page.goto("/authorize?ref=weave")
        sign_in(page, "wanda")
        page.wait_for_url(f"{console.url}/authorize?ref=weave")
        page.get_by_role("button", name="Make a key").click()
        key = page.get_by_test_id("api-key").inner_text()
        assert KEY.fullmatch(key)
        expect(page.get_by_text(f"wandb login --host {console.url}")).to_be_visible()
        check_accessible(page)
        take_screenshots(page, "authorize")
        page.reload()
        expect(page.get_by_text("You have 1 key that works")).to_be_visible()
        assert key not in page.content()


def test_links_when_clients_printed_them_then_tell_what_they_name(
    console: Console, weft: Weft
) -> None:
    calls = {
        "batch": [
            {
                "mode": "start",
                "req": {
                    "start": {
                        "project_id": f"{TEAM}/{PROJECT}",
                        "id": "0193aaaa-0000-7000-8000-000000000001",
                        "trace_id": "0193aaaa-0000-7000-8000-000000000002",
                        "op_name": f"weave:///{TEAM}/{PROJECT}/op/greet:v0",
                        "started_at": "2026-11-01T12:00:00Z",
                        "attributes": {},
                        "inputs": {"name": "<img src=x onerror=alert(1)>"},
                    }
                },
            }
        ]
    }
    with console.page() as page:
        sent = page.request.post(
            "/traces/call/upsert_batch",
            data=calls,
            headers={"authorization": f"Bearer {weft.api_key}"},
        )
        assert sent.ok, sent.text()
        page.goto(f"/{TEAM}/{PROJECT}/weave")
        page.get_by_role("link", name="greet").click()
        page.wait_for_url("**/r/call/0193aaaa-0000-7000-8000-000000000001")
        expect(page.get_by_role("region", name="Inputs")).to_contain_text("<img src=x")
        check_accessible(page)
        take_screenshots(page, "link-call")
        page.goto(f"/{TEAM}/{PROJECT}/r/call/none")
        expect(page.get_by_text("The call none is not there")).to_be_visible()
        page.goto(f"/{TEAM}/{PROJECT}/weave/objects/nothing/versions/abc")
        expect(page.get_by_role("alert")).to_be_visible()
        page.goto(f"/{TEAM}/{PROJECT}/runs/nothing/overview")
        expect(page.get_by_text("The run nothing is not there")).to_be_visible()
