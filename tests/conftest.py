"""What all tests share."""

from hypothesis import settings

pytest_plugins = ["databases"]

# A machine that is busy with something else must not fail a property: no test is timed.
settings.register_profile("weft", deadline=None)
settings.load_profile("weft")
