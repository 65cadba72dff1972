from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from identity.house import HandClock, House
from weft.identity.logins import (
    FAILURES_LIMIT,
    FAILURES_WINDOW_S,
    LINK_TTL,
    SESSION_TTL,
    SESSIONS_LIMIT,
    Failures,
    TooManyFailures,
    end_session,
    find_session_user,
    make_login_link,
    redeem,
    start_session,
)


def test_link_when_redeemed_then_logs_in_once(
    house: House, clock: HandClock, secret: bytes
) -> None:
    ada = house.user("ada")
    now = clock.now()
    with house.database.write() as connection:
        link = make_login_link(connection, ada, secret=secret, now=now)
        session = redeem(connection, link, secret=secret, now=now)
        assert session is not None
        assert session != link
        assert find_session_user(connection, session, secret=secret, now=now) == ada
        assert redeem(connection, link, secret=secret, now=now) is None


def test_link_when_redeemed_at_once_then_one_wins(
    house: House, clock: HandClock, secret: bytes
) -> None:
    ada = house.user("ada")
    now = clock.now()
    with house.database.write() as connection:
        link = make_login_link(connection, ada, secret=secret, now=now)

    def try_it(_: int) -> str | None:
        with house.database.write() as connection:
            return redeem(connection, link, secret=secret, now=now)

    with ThreadPoolExecutor(4) as threads:
        sessions = list(threads.map(try_it, range(4)))
    assert len([session for session in sessions if session]) == 1


@pytest.mark.parametrize("link", ["", "made-up", "x" * 10_000, "ü", "\udcff", "' OR 1=1 --"])
def test_link_when_made_up_then_does_nothing(
    house: House, clock: HandClock, secret: bytes, link: str
) -> None:
    ada = house.user("ada")
    with house.database.write() as connection:
        make_login_link(connection, ada, secret=secret, now=clock.now())
        assert redeem(connection, link, secret=secret, now=clock.now()) is None
        assert find_session_user(connection, link, secret=secret, now=clock.now()) is None


def test_link_when_expired_then_does_nothing(house: House, clock: HandClock, secret: bytes) -> None:
    ada = house.user("ada")
    with house.database.write() as connection:
        link = make_login_link(connection, ada, secret=secret, now=clock.now())
        late = clock.now() + LINK_TTL
        assert redeem(connection, link, secret=secret, now=late) is None


def test_session_when_expired_or_ended_then_is_nobody(
    house: House, clock: HandClock, secret: bytes
) -> None:
    ada = house.user("ada")
    now = clock.now()
    last = now + SESSION_TTL - timedelta(seconds=1)
    with house.database.write() as connection:
        session = start_session(connection, ada.id, secret=secret, now=now)
        assert find_session_user(connection, session, secret=secret, now=last) == ada
        late = now + SESSION_TTL
        assert find_session_user(connection, session, secret=secret, now=late) is None
        end_session(connection, session, secret=secret)
        end_session(connection, session, secret=secret)
        assert find_session_user(connection, session, secret=secret, now=now) is None


def test_sessions_when_there_are_too_many_then_the_oldest_end(
    house: House, clock: HandClock, secret: bytes
) -> None:
    ada, bob = house.user("ada"), house.user("bob")
    moments = [clock.now() + timedelta(minutes=number) for number in range(SESSIONS_LIMIT + 2)]
    with house.database.write() as connection:
        other = start_session(connection, bob.id, secret=secret, now=clock.now())
        sessions = [start_session(connection, ada.id, secret=secret, now=at) for at in moments]
        alive = [
            find_session_user(connection, session, secret=secret, now=moments[-1]) is not None
            for session in sessions
        ]
        assert alive == [False] * 2 + [True] * SESSIONS_LIMIT
        assert find_session_user(connection, other, secret=secret, now=moments[-1]) == bob


def test_tokens_when_stored_then_the_database_file_does_not_hold_them(
    house: House, clock: HandClock, secret: bytes, tmp_path: Path
) -> None:
    ada = house.user("ada")
    with house.database.write() as connection:
        link = make_login_link(connection, ada, secret=secret, now=clock.now())
        session = start_session(connection, ada.id, secret=secret, now=clock.now())
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert link.encode() not in stored
    assert session.encode() not in stored


def test_failures_when_too_many_then_refuses_until_the_window_ends(clock: HandClock) -> None:
    failures = Failures(clock)
    for _ in range(FAILURES_LIMIT):
        failures.check("1.2.3.4", "ada")
        failures.note("1.2.3.4", "ADA")
    with pytest.raises(TooManyFailures) as caught:
        failures.check("1.2.3.4", "ada")
    assert caught.value.retry_after_s == FAILURES_WINDOW_S
    failures.check("5.6.7.8", "ada")
    failures.check("1.2.3.4", "bob")
    clock.advance(FAILURES_WINDOW_S)
    failures.check("1.2.3.4", "ada")
    failures.note("1.2.3.4", "ada")
    failures.check("1.2.3.4", "ada")


def test_failures_when_the_password_was_right_then_are_forgotten(clock: HandClock) -> None:
    failures = Failures(clock)
    for _ in range(3 * FAILURES_LIMIT):
        failures.check("1.2.3.4", "ada")
        failures.note("1.2.3.4", "ada")
        failures.forget("1.2.3.4", "ada")
