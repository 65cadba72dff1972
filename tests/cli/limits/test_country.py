import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.said import Weft
from countries import AMERICAN, GERMAN, NOWHERE, write_country_file
from weft.cli.checks.countries import MAX_AGE_DAYS, check_countries
from weft.cli.checks.finding import Verdict
from weft.kit.settings import Settings

RULES = {
    "WEFT_COUNTRY_ALLOW": "DE",
    "WEFT_NETWORK_DENY": "203.0.113.128/25",
    "WEFT_NETWORK_ALLOW": "192.0.2.0/24",
}


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (GERMAN, f"{GERMAN} (DE) is allowed: country_allow lists DE"),
        (AMERICAN, f"{AMERICAN} (US) is refused: country_allow does not list US"),
        ("203.0.113.200", "203.0.113.200 is refused: network_deny holds 203.0.113.128/25"),
        ("192.0.2.1", "192.0.2.1 is allowed: network_allow holds 192.0.2.0/24"),
        ("10.0.0.1", "10.0.0.1 is allowed: 10.0.0.0/8 is private; country_allow_private decides"),
        (NOWHERE, f"{NOWHERE} is refused: its country is not known; country_allow_unknown decides"),
    ],
)
def test_check_when_asked_then_it_tells_the_decision_and_the_rule(
    weft: Weft, tmp_path: Path, address: str, told: str
) -> None:
    write_country_file(tmp_path / "country.mmdb")
    said = weft("country", "check", address, env=RULES)
    assert (said.code, said.out) == (0, f"{told}\n")


def test_check_when_asked_for_json_then_it_is_that(weft: Weft, tmp_path: Path) -> None:
    write_country_file(tmp_path / "country.mmdb")
    said = weft("country", "check", f"::ffff:{GERMAN}", "--json", env={"WEFT_COUNTRY_DENY": "DE"})
    assert json.loads(said.out) == {
        "address": GERMAN,
        "allowed": False,
        "rule": "country_deny",
        "country": "DE",
        "network": None,
    }


def test_check_when_there_are_no_rules_then_everybody_may(weft: Weft) -> None:
    assert weft("country", "check", NOWHERE).out == f"{NOWHERE} is allowed: no rule is against it\n"


def test_check_when_it_is_no_address_or_the_file_is_missing_then_it_says_so(weft: Weft) -> None:
    assert "is no IP address" in weft("country", "check", "localhost").err
    said = weft("country", "check", GERMAN, env={"WEFT_COUNTRY_DENY": "KP"})
    assert said.code == 1
    assert "country_file: cannot read" in said.err


def settings(folder: Path, **more: object) -> Settings:
    return Settings.model_validate({"data_dir": folder, **more})


def test_doctor_when_there_are_no_rules_then_all_is_well(tmp_path: Path) -> None:
    assert check_countries(settings(tmp_path)).verdict is Verdict.OK


def test_doctor_when_the_file_is_missing_then_a_server_would_not_start(tmp_path: Path) -> None:
    finding = check_countries(settings(tmp_path, country_allow="DE"))
    assert finding.verdict is Verdict.FAIL
    assert "country.mmdb" in finding.mend


@pytest.mark.parametrize(
    ("age_days", "verdict"),
    [(0, Verdict.OK), (MAX_AGE_DAYS, Verdict.OK), (MAX_AGE_DAYS + 1, Verdict.WARN)],
)
def test_doctor_when_the_file_is_old_then_it_warns(
    tmp_path: Path, age_days: int, verdict: Verdict
) -> None:
    write_country_file(tmp_path / "country.mmdb")
    now = datetime.now(UTC) + timedelta(days=age_days, minutes=1)
    finding = check_countries(settings(tmp_path, country_allow="DE"), now)
    assert finding.verdict is verdict
    assert f"{age_days} days old" in finding.says


def test_doctor_when_no_file_is_needed_or_test_mode_is_on_then_it_says_so(tmp_path: Path) -> None:
    by_header = settings(
        tmp_path, country_allow="DE", trusted_proxies="10.0.0.1", country_header="cf-ipcountry"
    )
    assert "cf-ipcountry" in check_countries(by_header).says
    assert "networks" in check_countries(settings(tmp_path, network_deny="1.2.3.0/24")).says
    testing = settings(tmp_path, network_deny="1.2.3.0/24", country_test=True)
    assert check_countries(testing).verdict is Verdict.WARN
