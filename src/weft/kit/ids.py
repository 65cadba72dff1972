"""Ids: a short prefix that says what it is, then a UUIDv7 in hex, so that ids sort by time of making.

Layout of the 128 bits: RFC 9562 section 5.7 (48 bits of Unix milliseconds, version 7, 12 random bits, variant,
62 random bits). The random bits come from a generator that the system seeded: ids are unique, and they are no secrets.
"""

import os
import random
import time

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_RAND_B = (1 << 62) - 1
_random = random.Random()  # noqa: S311 - see above
_random_bits = _random.getrandbits
os.register_at_fork(after_in_child=_random.seed)  # else its ids would be its parent's


def uuid7_hex() -> str:
    """A fresh UUIDv7 as 32 lower-case hex digits."""
    noise = _random_bits(74)
    bits = (time.time_ns() // 1_000_000) << 80
    bits |= _VERSION_7 | (noise >> 62) << 64 | _VARIANT | (noise & _RAND_B)
    return f"{bits:032x}"


def new_id(prefix: str) -> str:
    """A fresh id such as `req_0198c2...`; `prefix` is the kind of thing, two to eight letters."""
    return f"{prefix}_{uuid7_hex()}"
