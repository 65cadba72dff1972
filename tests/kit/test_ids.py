"""Ids: UUIDv7 in hex behind a prefix."""

import time
import uuid

from weft.kit.ids import new_id, uuid7_hex


def test_uuid_when_made_then_it_is_a_version_7_of_now() -> None:
    before_ms = time.time_ns() // 1_000_000
    made = uuid.UUID(uuid7_hex())
    after_ms = time.time_ns() // 1_000_000
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before_ms <= made.int >> 80 <= after_ms


def test_uuid_when_many_are_made_then_each_is_another_of_32_digits() -> None:
    made = [uuid7_hex() for _ in range(10_000)]
    assert len(set(made)) == len(made)
    assert {len(one) for one in made} == {32}


def test_id_when_milliseconds_pass_then_it_sorts_after() -> None:
    first = new_id("req")
    stamp = int(first[4:16], 16)
    while int((later := new_id("req"))[4:16], 16) == stamp:
        pass
    assert first < later
    assert first.startswith("req_")
