from ipaddress import ip_address

import pytest

from countries import AMERICAN, GERMAN, GERMAN_V6
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings
from weft.limits.country.codes import CODES, find_code
from weft.limits.country.rules import MESSAGE, CountryNotSupported, Decision, Rule, Rules


def decide(rules: Rules, address: str, country: str = "") -> Decision:
    found = ip_address(address) if address else None
    return rules.find_by_network(found) or rules.by(country)


def rules(**settings: object) -> Rules:
    return Rules.from_settings(Settings.model_validate(settings))


def test_codes_when_counted_then_they_are_iso_s_and_kosovo_s() -> None:
    assert len(CODES) == 249 + 1
    assert all(len(code) == 2 and code.isupper() for code in CODES)


@pytest.mark.parametrize("text", ["XX", "T1", "EU", "", "DEU", None, 7])
def test_find_code_when_it_is_no_country_then_it_is_empty(text: object) -> None:
    assert find_code(text) == ""


@pytest.mark.parametrize(
    ("codes", "told"),
    [("UK", "did you mean GB"), ("DE,ZX", "ZX is no country"), ("EU", "EU is no")],
)
def test_from_settings_when_a_code_is_no_country_then_it_says_so(codes: str, told: str) -> None:
    with pytest.raises(CannotStart, match=told):
        rules(country_deny=codes)


def test_rules_when_none_are_set_then_they_are_off() -> None:
    assert not rules().is_on
    assert not rules(network_allow=f"{GERMAN}/32", country_allow_unknown=True).is_on
    for one in (
        {"country_allow": "de"},
        {"country_deny": "kp"},
        {"network_deny": "1.2.3.0/24"},
        {"country_allow_private": False},
    ):
        assert rules(**one).is_on


LADDER = [
    # Each line is one step lower in the order of precedence, and would be decided otherwise by the next.
    ("203.0.113.7", "DE", False, Rule.NETWORK_DENY),
    ("203.0.113.200", "KP", True, Rule.NETWORK_ALLOW),
    ("10.1.2.3", "KP", True, Rule.PRIVATE),
    ("", "DE", False, Rule.UNKNOWN),
    (AMERICAN, "KP", False, Rule.COUNTRY_DENY),
    (AMERICAN, "DE", True, Rule.COUNTRY_ALLOW),
    (AMERICAN, "US", False, Rule.COUNTRY_ALLOW),
    (AMERICAN, "", False, Rule.UNKNOWN),
]


@pytest.mark.parametrize(("address", "country", "allowed", "rule"), LADDER)
def test_decide_when_several_rules_speak_then_the_first_by_precedence_decides(
    address: str, country: str, allowed: bool, rule: Rule
) -> None:
    made = rules(
        country_allow="DE,KP",
        country_deny="KP",
        network_allow="203.0.113.0/24",
        network_deny="203.0.113.0/25",
    )
    decision = decide(made, address, country)
    assert (decision.allowed, decision.rule) == (allowed, rule)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "127.0.0.1", "169.254.1.1", "::1", "fd00::1", "fe80::1"]
)
@pytest.mark.parametrize("allowed", [True, False])
def test_decide_when_the_address_is_private_then_the_setting_decides(
    address: str, allowed: bool
) -> None:
    made = rules(country_allow="DE", country_allow_private=allowed)
    assert decide(made, address) == Decision(
        allowed, Rule.PRIVATE, network=decide(made, address).network
    )


@pytest.mark.parametrize("address", [GERMAN, "100.64.0.1", "8.8.8.8", GERMAN_V6])
def test_decide_when_the_address_is_public_then_it_is_not_private(address: str) -> None:
    assert decide(rules(country_allow="FR"), address, "DE").rule is Rule.COUNTRY_ALLOW


def test_decide_when_only_some_countries_are_denied_then_unknown_ones_may_call() -> None:
    made = rules(country_deny="KP")
    assert decide(made, GERMAN).allowed
    assert not decide(made, "").allowed  # a proxy that hides its caller is another thing
    assert decide(rules(country_deny="KP", country_allow_unknown=True), "").allowed


def test_enforce_when_refused_then_it_says_what_the_hosted_service_says_and_no_address() -> None:
    decision = decide(rules(country_deny="KP", network_deny="192.0.2.0/24"), AMERICAN, "KP")
    with pytest.raises(CountryNotSupported) as caught:
        decision.enforce()
    error = caught.value
    assert error.message == MESSAGE == "Country, region, or territory not supported"
    assert (error.status, error.code, error.type) == (
        403,
        "country_not_supported",
        "permission_error",
    )
    assert error.metadata["limit"] == "country"
    assert error.metadata["country"] == "KP"
    assert error.metadata["rule"] == "country_deny"
    assert error.metadata["remedy"]
    assert AMERICAN.encode() not in error.envelope()
    decide(rules(), AMERICAN).enforce()
