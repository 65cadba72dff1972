"""The rules as administrators see them over HTTP, on a server with rules, a country file and a proxy."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from countries import AMERICAN, GERMAN, KOREAN, NOWHERE, write_country_file
from gateway.house import Door, open_door
from weft.app.storage import server_secret
from weft.identity.keys import NewKey, create_key
from weft.identity.people import NewUser, create_user
from weft.identity.types import Scope
from weft.kit.clock import SystemClock
from weft.kit.settings import load_settings
from weft.limits.country.guard import CountryGuard
from weft.limits.country.view import CountryView

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROXY = "10.0.0.5"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    tmp_path = tmp_path_factory.mktemp("country")
    write_country_file(tmp_path / "country.mmdb")
    rules: dict[str, Any] = {
        "country_allow": "DE,AU",
        "network_deny": "203.0.113.128/25",
        "network_allow": "198.51.100.0/25",
        "trusted_proxies": f"{PROXY}/32",
        "country_header": "cf-ipcountry",
        "country_file": tmp_path / "country.mmdb",
    }
    async with open_door(tmp_path, {}, **rules) as door:
        yield door


async def tried(door: Door, **wanted: Any) -> dict[str, Any]:
    answer = await door.client.post("/api/country/test", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("address", "allowed", "rule", "country"),
    [
        (GERMAN, True, "country_allow", "DE"),
        (KOREAN, False, "country_allow", "KP"),
        (NOWHERE, False, "country_allow_unknown", None),
        ("203.0.113.200", False, "network_deny", "DE"),
        (AMERICAN, True, "network_allow", "US"),
        ("192.168.1.9", True, "country_allow_private", None),
        ("::ffff:203.0.113.7", True, "country_allow", "DE"),
    ],
)
async def test_trial_when_an_address_is_given_then_rule_and_country_are_told(
    door: Door, address: str, allowed: bool, rule: str, country: str | None
) -> None:
    told = await tried(door, address=address)
    assert (told["allowed"], told["rule"], told["country"]) == (allowed, rule, country)
    assert told["country_source"] == ("file" if country else "nobody")
    guard = door.house.country
    assert guard is not None
    assert guard.decide(address, []).allowed is allowed


async def test_trial_when_a_request_came_through_a_proxy_then_its_word_counts(door: Door) -> None:
    sent = [
        {"name": "X-Forwarded-For", "value": f"9.9.9.9, {GERMAN}"},
        {"name": "CF-IPCountry", "value": "AU"},
    ]
    told = await tried(door, peer=PROXY, headers=sent)
    assert (told["address"], told["by_proxy"]) == (GERMAN, True)
    assert (told["country"], told["country_source"], told["why"]) == (
        "AU",
        "header",
        "country_allow lists AU",
    )
    plain = await tried(door, peer=KOREAN, headers=sent)
    assert (plain["address"], plain["by_proxy"], plain["allowed"]) == (KOREAN, False, False)
    lost = await tried(door, peer=PROXY, headers=[{"name": "x-forwarded-for", "value": "unknown"}])
    assert (lost["address"], lost["rule"]) == (None, "country_allow_unknown")


async def test_rules_when_looked_at_then_where_they_come_from_and_the_file_are_told(
    door: Door,
) -> None:
    told = (await door.client.get("/api/country")).json()
    assert (told["is_on"], told["by_country"], told["test_mode"]) == (True, True, False)
    settings = {one["key"]: one for one in told["settings"]}
    assert settings["country_allow"]["value"] == ["DE", "AU"]
    assert settings["country_allow"]["variable"] == "WEFT_COUNTRY_ALLOW"
    file = told["file"]
    assert (file["is_there"], file["kind"], file["trouble"]) == (True, "GeoLite2-Country", "")
    assert (file["age_days"], file["is_old"], file["is_needed"]) == (0, False, False)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"address": "nonsense"},
        {"address": GERMAN, "peer": PROXY},
        {"peer": "nobody"},
        {"address": GERMAN, "more": 1},
        {"peer": PROXY, "headers": [{"name": "x", "value": "y"}] * 17},
    ],
)
async def test_trial_when_it_makes_no_sense_then_400(door: Door, wanted: dict[str, Any]) -> None:
    assert (await door.client.post("/api/country/test", json=wanted)).status_code == 400


async def test_rules_when_somebody_else_asks_then_403(door: Door) -> None:
    now = SystemClock().now()
    with door.database.write() as connection:
        user = create_user(connection, NewUser("eve"), now)
        new = NewKey(user, name="test", scopes=frozenset({Scope.MANAGE}))
        made = create_key(connection, new, secret=server_secret(door.house.settings), now=now)
    for key, status in ((made.api_key, 403), ("nonsense", 401)):
        headers = {"Authorization": f"Bearer {key}"}
        assert (await door.client.get("/api/country", headers=headers)).status_code == status
        body = {"address": GERMAN}
        answer = await door.client.post("/api/country/test", json=body, headers=headers)
        assert answer.status_code == status


async def test_view_when_there_are_no_rules_then_everybody_may_call_and_the_file_still_tells(
    tmp_path: Path,
) -> None:
    settings_file = tmp_path / "weft.toml"
    settings_file.write_text('country_header = "cf-ipcountry"\n')
    environ = {"WEFT_DATA_DIR": str(tmp_path), "WEFT_COUNTRY_TEST": "true"}
    settings = load_settings({}, environ).settings
    view = CountryView(settings, CountryGuard.open(settings), SystemClock())
    assert not view.is_on
    origins = {one.key: one.origin for one in view.settings()}
    assert origins["country_header"] == f"{settings_file}:1"
    assert (origins["country_test"], origins["country_deny"]) == ("WEFT_COUNTRY_TEST", "default")
    assert not (await view.file()).is_there
    trial = await view.try_address(GERMAN)
    assert (trial.decision.allowed, trial.why, trial.country) == (True, "no rule is against it", "")
    write_country_file(settings.country_file)
    assert (await view.try_address(GERMAN)).country == "DE"
    settings.country_file.write_bytes(b"nothing")
    assert "is no MaxMind DB" in (await view.file()).trouble
    assert (await view.try_address(GERMAN)).country == ""
