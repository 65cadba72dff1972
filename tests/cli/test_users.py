import io
import sys
from pathlib import Path

import pytest

from cli.said import Weft
from weft.app.storage import open_database, server_secret
from weft.identity.bootstrap import FirstStart
from weft.identity.logins import find_session_user, redeem
from weft.identity.people import find_password_hash
from weft.identity.resets.store import NoReset, use_reset
from weft.identity.secrets import hash_password, verify_password
from weft.kit.clock import SystemClock
from weft.kit.settings import Settings

pytestmark = pytest.mark.usefixtures("started")


def password_is(data: Path, username: str, password: str) -> bool:
    database = open_database(data)
    with database.read() as connection:
        found = find_password_hash(connection, username)
    database.close()
    return found is not None and verify_password(found[1], password)


def test_user_when_made_then_the_password_shown_once_is_right(weft: Weft, tmp_path: Path) -> None:
    made = weft(
        "user", "create", "ada", "--email", "ada@example.com", "--team", "my-team", "--json"
    )
    assert made.code == 0
    assert made.json["teams"] == [{"team": "my-team", "role": "member"}]
    assert made.json["kind"] == "person"
    assert password_is(tmp_path, "ada", made.json["password"])
    shown = weft("user", "create", "bob")
    assert "Password (shown this once): " in shown.out
    assert "weft team add TEAM bob" in shown.out
    assert password_is(tmp_path, "bob", shown.out.split("once): ")[1].split()[0])
    assert "password" not in weft("user", "ls", "--json").out


def test_users_when_listed_then_fit_the_line(weft: Weft) -> None:
    weft("user", "create", "bot", "--service", "--team", "my-team")
    weft("user", "create", "x" * 128)
    weft("user", "disable", "x" * 128)
    said = weft("user", "ls")
    assert max(map(len, said.out.splitlines())) <= 100
    assert "my-team (admin)" in said.out
    assert "service" in said.out
    assert "disabled" in said.out
    listed = weft("user", "list", "--json").json
    assert [user["username"] for user in listed] == ["admin", "bot", "x" * 128]
    assert [user["disabled_at"] is None for user in listed] == [True, True, False]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("create", "admin"), "the name admin is taken"),
        (("create", "MY-TEAM"), "the name MY-TEAM is taken"),
        (("create", "a/b"), "is not a user name"),
        (("create", "api"), "cannot be a user name"),
        (("create", "ada", "--email", "nonsense"), "e-mail"),
        (("create", "ada", "--team", "nowhere"), "there is no team nowhere"),
        (("create", "ada", "--service", "--admin"), "cannot be an administrator"),
        (("disable", "nobody"), "there is no user nobody"),
        (("disable", "admin"), "last administrator"),
        (("enable", "nobody"), "there is no user nobody"),
        (("passwd", "nobody", "--generate"), "there is no user nobody"),
        (("login-link", "nobody"), "there is no user nobody"),
    ],
)
def test_user_when_a_command_cannot_be_done_then_says_so_and_changes_nothing(
    weft: Weft, words: tuple[str, ...], what: str
) -> None:
    said = weft("user", *words)
    assert said.code == 1
    assert what in said.err
    assert said.out == ""
    users = weft("user", "ls", "--json").json
    assert [(user["username"], user["disabled_at"]) for user in users] == [("admin", None)]


def test_admin_when_there_is_another_then_may_be_disabled_and_enabled(weft: Weft) -> None:
    weft("user", "create", "second", "--admin")
    off = weft("user", "disable", "admin", "--json")
    assert off.json["disabled_at"] is not None
    assert weft("user", "disable", "second").code == 1
    on = weft("user", "enable", "admin", "--json")
    assert on.json["disabled_at"] is None


def test_password_when_set_then_is_the_new_one(
    weft: Weft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: FirstStart
) -> None:
    assert password_is(tmp_path, "admin", started.password)
    monkeypatch.setattr(sys, "stdin", io.StringIO("from a pipe\n"))
    assert weft("user", "passwd", "admin").out == "admin has a new password.\n"
    assert password_is(tmp_path, "admin", "from a pipe")
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert weft("user", "passwd", "admin").code == 1
    assert password_is(tmp_path, "admin", "from a pipe")
    made = weft("user", "passwd", "admin", "--generate", "--json").json["password"]
    assert password_is(tmp_path, "admin", made)
    shown = weft("user", "passwd", "admin", "--generate").out
    assert password_is(tmp_path, "admin", shown.split("once): ")[1].strip())


def test_service_account_when_it_should_log_in_then_cannot(weft: Weft) -> None:
    weft("user", "create", "bot", "--service")
    for words in (("passwd", "bot", "--generate"), ("login-link", "bot"), ("reset-link", "bot")):
        said = weft("user", *words)
        assert said.code == 1
        assert "cannot log in" in said.err


def test_login_link_when_made_then_logs_in_once(weft: Weft, tmp_path: Path) -> None:
    said = weft("user", "login-link", "admin", "--json", env={"WEFT_HOST": "0.0.0.0"})
    base, _, token = said.json["url"].rpartition("/login/")
    assert base == "http://127.0.0.1:8080"
    database = open_database(tmp_path)
    secret = server_secret(Settings(data_dir=tmp_path))
    now = SystemClock().now()
    with database.write() as connection:
        session = redeem(connection, token, secret=secret, now=now)
        assert session is not None
        user = find_session_user(connection, session, secret=secret, now=now)
        assert user is not None
        assert user.username == "admin"
        assert redeem(connection, token, secret=secret, now=now) is None
    database.close()
    public = weft(
        "user", "login-link", "admin", env={"WEFT_PUBLIC_URL": "https://weft.example.com"}
    )
    assert public.out.startswith("https://weft.example.com/login/")
    assert "Works once" in public.out


def test_reset_link_when_made_then_sets_a_password_once(weft: Weft, tmp_path: Path) -> None:
    said = weft("user", "reset-link", "admin", "--json")
    base, _, token = said.json["url"].rpartition("/reset/")
    assert base == "http://127.0.0.1:8080"
    database = open_database(tmp_path)
    secret, now = server_secret(Settings(data_dir=tmp_path)), SystemClock().now()
    with database.write() as connection:
        use_reset(connection, token, hash_password("a new one"), secret=secret, now=now)
        with pytest.raises(NoReset):
            use_reset(connection, token, "another", secret=secret, now=now)
    database.close()
    assert password_is(tmp_path, "admin", "a new one")
    assert "Works once" in weft("user", "reset-link", "admin").out
