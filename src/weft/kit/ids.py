"""Ids: a short prefix that says what it is, then a UUIDv7 in hex, so that ids sort by time of making.

Layout of the 128 bits: RFC 9562 section 5.7 (48 bits of Unix milliseconds, version 7, 12 random bits, variant,
62 random bits).
"""

import os
import time

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_RAND_A = (1 << 12) - 1
_RAND_B = (1 << 62) - 1


def uuid7_hex() -> str:
    """A fresh UUIDv7 as 32 lower-case hex digits."""
    random = int.from_bytes(os.urandom(10))
    bits = (time.time_ns() // 1_000_000) << 80
    bits |= _VERSION_7 | ((random >> 62) & _RAND_A) << 64 | _VARIANT | (random & _RAND_B)
    return f"{bits:032x}"


def new_id(prefix: str) -> str:
    """A fresh id such as `req_0198c2...`; `prefix` is the kind of thing, two to eight letters."""
    return f"{prefix}_{uuid7_hex()}"
