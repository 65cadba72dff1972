"""Ids: UUIDv7 in hex behind a prefix."""

import subprocess
import sys
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


FORK = """
import os
from weft.kit.ids import uuid7_hex
reading, writing = os.pipe()
if os.fork() == 0:
    os.write(writing, uuid7_hex()[13:].encode())
    os._exit(0)
print(uuid7_hex()[13:], os.read(reading, 100).decode())
"""


def test_uuid_when_made_in_a_forked_process_then_is_not_what_its_parent_makes() -> None:
    told = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, check=True)
    own, forked = told.stdout.split()
    assert own[-10:] != forked[-10:]
