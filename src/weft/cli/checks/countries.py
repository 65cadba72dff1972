"""The rules about countries: do they make sense, and is the country file there and young enough."""

from datetime import UTC, datetime

from weft.cli.checks.finding import Finding, fail, ok, warn
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings
from weft.limits.country.guard import CountryGuard
from weft.limits.country.view import MAX_AGE_DAYS

_CHECK = "countries"


def check_countries(settings: Settings, now: datetime | None = None) -> Finding:
    """Whether a server can keep the rules that the settings state."""
    try:
        guard = CountryGuard.open(settings)
    except CannotStart as error:
        mend = f"put a MaxMind country file at {settings.country_file}, or change the setting"
        return fail(_CHECK, error.message, mend)
    if guard is None:
        return ok(_CHECK, "no rules: callers may be anywhere")
    if settings.country_test:
        return warn(_CHECK, "test mode is on", "turn country_test off before others call")
    atlas = guard.atlas
    if atlas is None:
        source = f"the header {settings.country_header}" if guard.rules.by_country else "networks"
        return ok(_CHECK, f"rules by {source}, without a country file")
    age_days = ((now or datetime.now(UTC)) - atlas.built_at).days
    says = f"{atlas.path} ({atlas.kind}) is {age_days} days old"
    if age_days > MAX_AGE_DAYS:
        return warn(_CHECK, says, "fetch a newer one; a running server takes it by itself")
    return ok(_CHECK, says)
