from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countries import AMERICAN, GERMAN, GERMAN_V6, KOREAN, NOWHERE, write_country_file
from weft.kit.errors import CannotStart
from weft.limits.country.atlas import Atlas
from weft.limits.country.codes import CODES


@pytest.fixture(scope="session")
def country_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_country_file(tmp_path_factory.mktemp("country") / "country.mmdb")


def test_read_when_it_is_a_country_file_then_it_tells_what_it_is(country_file: Path) -> None:
    atlas = Atlas.read(country_file)
    assert atlas.kind == "GeoLite2-Country"
    assert abs(datetime.now(UTC) - atlas.built_at) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("address", "country"),
    [
        (GERMAN, "DE"),
        (AMERICAN, "US"),
        (KOREAN, "KP"),
        (GERMAN_V6, "DE"),
        (NOWHERE, ""),
        ("1.0.0.1", "AU"),
        ("1.0.1.1", "CN"),
        ("1.0.2.1", ""),  # a region, not a country
        ("2a00::1", ""),
    ],
)
def test_country_of_when_asked_then_it_is_what_the_record_says(
    country_file: Path, address: str, country: str
) -> None:
    assert Atlas.read(country_file).country_of(ip_address(address)) == country


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\xab\xcd\xefMaxMind.com" + b"\xff" * 40])
def test_read_when_it_is_no_country_file_then_it_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "country.mmdb"
    path.write_bytes(content)
    with pytest.raises(CannotStart, match="is no MaxMind DB, or is damaged"):
        Atlas.read(path)


def test_read_when_it_is_missing_then_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"cannot read .* No such file"):
        Atlas.read(tmp_path / "country.mmdb")


def test_read_when_it_knows_no_countries_then_it_says_so(tmp_path: Path) -> None:
    networks: dict[str, dict[str, object]] = {"203.0.113.0/24": {"autonomous_system_number": 64496}}
    path = write_country_file(tmp_path / "asn.mmdb", networks, "GeoLite2-ASN")
    with pytest.raises(CannotStart, match=r"GeoLite2-ASN.* names no countries"):
        Atlas.read(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_read_when_the_file_is_damaged_anywhere_then_it_is_refused_or_answers(
    country_file: Path, tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(country_file.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.mmdb"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        atlas = Atlas.read(path)
    except CannotStart:
        return
    for address in (GERMAN, AMERICAN, GERMAN_V6, NOWHERE):
        assert atlas.country_of(ip_address(address)) in CODES | {""}
