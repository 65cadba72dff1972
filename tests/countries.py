"""A small country file for tests, in MaxMind's format: networks that documentation may use, and some more."""

from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

GERMAN, AMERICAN, KOREAN, GERMAN_V6 = "203.0.113.7", "198.51.100.7", "192.0.2.7", "2001:db8::7"
NOWHERE = "8.8.8.8"
"""In no network of the file."""
NETWORKS = {
    "203.0.113.0/24": {"country": {"iso_code": "DE"}, "registered_country": {"iso_code": "US"}},
    "198.51.100.0/24": {"country": {"iso_code": "US"}, "city": {"names": {"en": "Springfield"}}},
    "192.0.2.0/24": {"registered_country": {"iso_code": "KP"}},
    "2001:db8::/32": {"country": {"iso_code": "DE"}},
    "1.0.0.0/24": {"country_code": "AU"},
    "1.0.1.0/24": {"country": "CN"},
    "1.0.2.0/24": {"country": {"iso_code": "EU"}},
}


def write_country_file(
    path: Path, networks: dict[str, dict[str, object]] | None = None, kind: str = "GeoLite2-Country"
) -> Path:
    """Write the file, aside and then in one step, as those who fetch such files do."""
    writer = MMDBWriter(6, kind, languages=["en"], description="a test", ipv4_compatible=True)
    for network, record in (networks or NETWORKS).items():
        writer.insert_network(IPSet([network]), record)  # pyright: ignore[reportArgumentType] - plain JSON
    aside = path.with_suffix(".new")
    writer.to_db_file(str(aside))
    return aside.replace(path)
