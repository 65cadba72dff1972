import asyncio
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from countries import AMERICAN, GERMAN, GERMAN_V6, KOREAN, NOWHERE, write_country_file
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings
from weft.limits.country.guard import CountryGuard
from weft.limits.country.rules import Rule

Headers = list[tuple[bytes, bytes]]
PROXY = "10.0.0.1"
NO_HEADERS: Headers = []


def told_by(**headers: str) -> Headers:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]


def open_guard(folder: Path, **settings: object) -> CountryGuard:
    """A guard over `folder`, whose country file is written if it is missing."""
    path = folder / "country.mmdb"
    if not path.exists():
        write_country_file(path)
    made = CountryGuard.open(Settings.model_validate({"data_dir": folder, **settings}))
    assert made is not None
    return made


def test_open_when_there_are_no_rules_then_there_is_no_guard(tmp_path: Path) -> None:
    assert CountryGuard.open(Settings(data_dir=tmp_path)) is None


def test_open_when_rules_need_the_file_and_it_is_missing_then_the_start_fails(
    tmp_path: Path,
) -> None:
    with pytest.raises(CannotStart, match=r"country_file: cannot read .*country\.mmdb"):
        CountryGuard.open(Settings(data_dir=tmp_path, country_deny=("KP",)))


def test_open_when_only_networks_matter_then_no_file_is_needed(tmp_path: Path) -> None:
    guard = CountryGuard.open(Settings(data_dir=tmp_path, network_deny=("203.0.113.0/24",)))
    assert guard is not None
    assert not guard.decide(GERMAN, NO_HEADERS).allowed
    assert guard.decide(AMERICAN, NO_HEADERS).allowed


@pytest.mark.parametrize(
    ("peer", "country", "allowed"),
    [
        (GERMAN, "DE", True),
        (GERMAN_V6, "DE", True),
        (f"::ffff:{GERMAN}", "DE", True),
        (AMERICAN, "US", False),
        (KOREAN, "KP", False),
        (NOWHERE, "", False),
        ("127.0.0.1", "", True),
        ("", "", False),
    ],
)
def test_decide_when_a_peer_calls_then_its_country_decides(
    tmp_path: Path, peer: str, country: str, allowed: bool
) -> None:
    guard = open_guard(tmp_path, country_allow="DE")
    for _ in range(2):  # the second time from memory
        decision = guard.decide(peer, NO_HEADERS)
        assert (decision.country, decision.allowed) == (country, allowed)


SPOOFS = [
    told_by(x_forwarded_for=GERMAN),
    told_by(forwarded=f"for={GERMAN}"),
    told_by(cf_ipcountry="DE"),
    told_by(x_real_ip=GERMAN, true_client_ip=GERMAN, x_client_ip=GERMAN),
    told_by(x_weft_test_country="DE"),
    told_by(x_weft_test_address=GERMAN),
]


@pytest.mark.parametrize("headers", SPOOFS)
@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8"])
def test_decide_when_a_stranger_sends_headers_then_they_are_not_believed(
    tmp_path: Path, headers: Headers, trusted: str
) -> None:
    guard = open_guard(
        tmp_path, country_allow="DE", trusted_proxies=trusted, country_header="cf-ipcountry"
    )
    assert not guard.decide(AMERICAN, headers).allowed


@pytest.mark.parametrize("headers", [SPOOFS[1], SPOOFS[2], SPOOFS[3], SPOOFS[4], SPOOFS[5]])
def test_decide_when_a_proxy_passes_on_what_it_does_not_write_then_it_is_not_believed(
    tmp_path: Path, headers: Headers
) -> None:
    guard = open_guard(tmp_path, country_allow="DE", trusted_proxies=PROXY)
    assert not guard.decide(PROXY, [*headers, *told_by(x_forwarded_for=AMERICAN)]).allowed


@pytest.mark.parametrize(
    ("told", "country"),
    [
        (GERMAN, "DE"),
        (f"{GERMAN}, {AMERICAN}", "US"),
        (f"{AMERICAN}, {GERMAN_V6}, 10.0.0.2", "DE"),
        (f"{GERMAN}, rubbish", ""),
    ],
)
def test_decide_when_a_trusted_proxy_tells_then_the_caller_behind_it_is_meant(
    tmp_path: Path, told: str, country: str
) -> None:
    guard = open_guard(tmp_path, country_allow="DE", trusted_proxies="10.0.0.0/8")
    decision = guard.decide(PROXY, told_by(x_forwarded_for=told))
    assert (decision.country, decision.allowed) == (country, country == "DE")


def test_decide_when_proxies_write_forwarded_then_that_is_read_and_not_the_other(
    tmp_path: Path,
) -> None:
    guard = open_guard(
        tmp_path, country_allow="DE", trusted_proxies=PROXY, forwarded_header="forwarded"
    )
    headers = told_by(x_forwarded_for=GERMAN, forwarded=f"for={AMERICAN}")
    assert guard.decide(PROXY, headers).country == "US"
    hidden = guard.decide(PROXY, told_by(forwarded="for=_hidden"))
    assert (hidden.allowed, hidden.rule) == (False, Rule.UNKNOWN)


@pytest.mark.parametrize(
    ("said", "country"),
    [("US", "US"), ("us", "US"), ("XX", "DE"), ("T1", "DE"), ("rubbish", "DE"), ("", "DE")],
)
def test_decide_when_the_cdn_names_a_country_then_it_is_taken_before_the_file(
    tmp_path: Path, said: str, country: str
) -> None:
    guard = open_guard(
        tmp_path, country_deny="KP", trusted_proxies=PROXY, country_header="CF-IPCountry"
    )
    headers = told_by(x_forwarded_for=GERMAN, cf_ipcountry=said)
    assert guard.decide(PROXY, headers).country == country


def test_decide_when_the_cdn_s_header_comes_twice_and_differs_then_it_is_not_believed(
    tmp_path: Path,
) -> None:
    guard = open_guard(
        tmp_path, country_allow="DE", trusted_proxies=PROXY, country_header="cf-ipcountry"
    )
    headers = [(b"cf-ipcountry", b"DE"), *told_by(x_forwarded_for=AMERICAN, cf_ipcountry="US")]
    assert not guard.decide(PROXY, headers).allowed


def test_open_when_the_cdn_tells_countries_then_no_file_is_needed(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        country_allow=("DE",),
        trusted_proxies=("10.0.0.0/8",),
        country_header="cloudfront-viewer-country",
    )
    guard = CountryGuard.open(settings)
    assert guard is not None
    headers = told_by(x_forwarded_for=NOWHERE, cloudfront_viewer_country="DE")
    assert guard.decide(PROXY, headers).allowed
    assert not guard.decide(PROXY, headers[:1]).allowed


@pytest.mark.parametrize(
    ("headers", "rule"),
    [
        (told_by(x_weft_test_country="DE"), Rule.COUNTRY_ALLOW),
        (told_by(x_weft_test_address=GERMAN), Rule.COUNTRY_ALLOW),
        (NO_HEADERS, Rule.PRIVATE),
        (told_by(x_weft_test_country="DE", x_forwarded_for="1.2.3.4"), Rule.PRIVATE),
        (told_by(x_weft_test_address=KOREAN, via="1.1 nginx"), Rule.PRIVATE),
    ],
)
def test_decide_when_testing_then_callers_on_this_machine_say_where_they_are(
    tmp_path: Path, headers: Headers, rule: Rule
) -> None:
    guard = open_guard(tmp_path, country_allow="DE", country_test=True)
    decision = guard.decide("127.0.0.1", headers)
    assert (decision.rule, decision.allowed) == (rule, True)
    refused = guard.decide("127.0.0.1", told_by(x_weft_test_country="KP"))
    assert (refused.allowed, refused.country) == (False, "KP")


@pytest.mark.parametrize("headers", SPOOFS)
def test_decide_when_testing_and_a_stranger_calls_then_nothing_is_believed(
    tmp_path: Path, headers: Headers
) -> None:
    guard = open_guard(tmp_path, country_allow="DE", country_test=True)
    assert not guard.decide(AMERICAN, headers).allowed


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "0.0.0.0"},
        {"host": "192.168.1.2"},
        {"public_url": "https://weft.example.com"},
        {"trusted_proxies": "127.0.0.1"},
    ],
)
def test_open_when_testing_where_others_can_call_then_the_start_fails(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    with pytest.raises(CannotStart, match="turn country_test off"):
        open_guard(tmp_path, country_allow="DE", country_test=True, **settings)


def test_decide_when_lists_of_hops_are_long_then_they_are_not_remembered(tmp_path: Path) -> None:
    guard = open_guard(tmp_path, country_allow="DE", trusted_proxies=PROXY)
    for number in range(10):
        told = f"{'1.2.3.4, ' * 100}{number}, {GERMAN}"
        assert guard.decide(PROXY, told_by(x_forwarded_for=told)).allowed
        assert guard.decide(PROXY, told_by(x_forwarded_for=GERMAN)).allowed
    assert guard.remembered == 2  # the proxy that is trusted, and its short list


async def test_look_when_the_file_changed_then_the_new_one_decides(tmp_path: Path) -> None:
    guard = open_guard(tmp_path, country_allow="DE")
    assert guard.decide(GERMAN, NO_HEADERS).allowed
    atlas = guard.atlas
    await guard.look()
    assert guard.atlas is atlas  # nothing changed, nothing read
    networks: dict[str, dict[str, object]] = {"203.0.113.0/24": {"country": {"iso_code": "FR"}}}
    write_country_file(tmp_path / "country.mmdb", networks)
    await guard.look()
    decision = guard.decide(GERMAN, NO_HEADERS)
    assert (decision.country, decision.allowed) == ("FR", False)


async def test_look_when_the_new_file_is_broken_or_gone_then_the_old_one_stays(
    tmp_path: Path,
) -> None:
    guard = open_guard(tmp_path, country_allow="DE")
    path = tmp_path / "country.mmdb"
    good = path.read_bytes()
    path.write_bytes(good[:100])
    with capture_logs() as lines:
        for _ in range(3):
            await guard.look()
        path.unlink()
        await guard.look()
    assert [line["event"] for line in lines] == ["country_file_rejected"] * 2
    assert all(line["kept"] and line["reason"] for line in lines)
    assert guard.decide(GERMAN, NO_HEADERS).allowed
    path.write_bytes(good)
    with capture_logs() as lines:
        await guard.look()
    assert [line["event"] for line in lines] == ["country_file_loaded"]


async def test_watch_when_the_file_changes_then_it_is_seen_without_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.limits.country.guard.LOOK_INTERVAL_S", 0.01)
    guard = open_guard(tmp_path, country_allow="DE")
    atlas = guard.atlas
    watching = asyncio.create_task(guard.watch())
    path = tmp_path / "country.mmdb"
    os.utime(path, ns=(1, 1))
    async with asyncio.timeout(30):
        while guard.atlas is atlas:
            await asyncio.sleep(0.01)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
