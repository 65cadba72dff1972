"""What is put on disk comes back, in order, whatever happened in between."""

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# pyright: reportPrivateUsage=false
from weft.traces.writing.spool import Spool, SpoolFull

MANY = 1_000_000


Make = Callable[..., Spool]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Make]:
    """Makes spools in one folder, and closes their files in the end."""
    made: list[Spool] = []

    def make(limit_bytes: int = MANY) -> Spool:
        made.append(Spool(tmp_path, limit_bytes))
        return made[-1]

    yield make
    for one in made:
        one._file.close()


def test_spool_when_peeked_and_dropped_then_gives_all_in_order(spool: Make) -> None:
    one = spool()
    one.append([b"a", b"bb"])
    one.append([b"d", b"c" * 1000])
    assert one.peek(3, MANY) == [b"a", b"bb", b"d"]
    one.drop([b"a", b"bb", b"d"])
    assert one.peek(10, MANY) == [b"c" * 1000]
    assert one.count == 1
    one.drop([b"c" * 1000])
    assert (one.count, one.size_bytes) == (0, 0)
    assert one.peek(10, MANY) == []


def test_spool_when_frames_are_large_then_a_peek_ends_after_the_bound(spool: Make) -> None:
    one = spool()
    one.append([b"x" * 600, b"y" * 600, b"z" * 600])
    assert len(one.peek(10, 1000)) == 2
    assert len(one.peek(10, 1)) == 1


def test_spool_when_full_then_refuses_and_keeps_what_it_has(spool: Make) -> None:
    one = spool(100)
    one.append([b"x" * 80])
    with pytest.raises(SpoolFull):
        one.append([b"y" * 80])
    assert one.peek(10, MANY) == [b"x" * 80]
    one.drop([b"x" * 80])
    one.append([b"y" * 80])


def test_spool_when_its_process_died_then_the_next_one_adopts_it(
    spool: Make, tmp_path: Path
) -> None:
    dead = spool()
    dead.append([b"kept", b"too"])
    dead._file.close()  # as the system does for a process that is killed
    heir = spool()
    assert heir.adopt() == 2
    assert heir.peek(10, MANY) == [b"kept", b"too"]
    assert len(list(tmp_path.iterdir())) == 1


def test_spool_when_its_process_died_then_what_it_wrote_into_the_database_is_not_adopted(
    spool: Make,
) -> None:
    dead = spool()
    dead.append([b"written", b"too", b"waits", b"as well"])
    dead.drop(dead.peek(2, MANY))
    dead._file.close()
    heir = spool()
    assert heir.adopt() == 2
    assert heir.peek(10, MANY) == [b"waits", b"as well"]


def test_spool_when_an_earlier_version_left_it_then_all_of_it_is_adopted(
    spool: Make, tmp_path: Path
) -> None:
    frames = b"".join(struct.pack("<II", len(one), zlib.crc32(one)) + one for one in (b"a", b"bb"))
    (tmp_path / "before.spool").write_bytes(frames)
    heir = spool()
    assert heir.adopt() == 2
    assert heir.peek(10, MANY) == [b"a", b"bb"]


def test_spool_when_a_crash_left_zeros_then_they_are_no_frames(spool: Make, tmp_path: Path) -> None:
    dead = spool()
    dead.append([b"whole"])
    dead._file.close()
    dead._path.write_bytes(dead._path.read_bytes() + bytes(4096))
    (tmp_path / "zeros.spool").write_bytes(bytes(4096))
    heir = spool()
    assert heir.adopt() == 1
    assert heir.peek(10, MANY) == [b"whole"]


def test_spool_when_what_is_adopted_is_large_then_it_comes_whole_and_in_order(
    spool: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.traces.writing.spool._ADOPTED_BYTES", 10)
    bodies = [b"%d" % number for number in range(100)]
    dead = spool()
    dead.append(bodies)
    dead._file.close()
    heir = spool()
    assert heir.adopt() == 100
    assert heir.peek(1000, MANY) == bodies


def test_spool_when_its_process_lives_then_nobody_adopts_it(spool: Make) -> None:
    living = spool()
    living.append([b"mine"])
    assert spool().adopt() == 0
    assert living.peek(10, MANY) == [b"mine"]


@pytest.mark.parametrize("cut", [1, 5, 8, 11])
def test_spool_when_a_crash_cut_the_last_frame_then_what_was_whole_is_adopted(
    spool: Make, cut: int
) -> None:
    dead = spool()
    dead.append([b"whole", b"cut off"])
    path = dead._path
    dead._file.close()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - cut)
    heir = spool()
    assert heir.adopt() == 1
    assert heir.peek(10, MANY) == [b"whole"]


def test_spool_when_the_disk_lost_bytes_then_the_frame_is_not_believed(spool: Make) -> None:
    dead = spool()
    dead.append([b"whole", b"spoiled"])
    dead._file.close()
    data = dead._path.read_bytes()
    dead._path.write_bytes(data[:-1] + b"X")
    heir = spool()
    assert heir.adopt() == 1


def test_spool_when_closed_empty_then_leaves_no_file(spool: Make, tmp_path: Path) -> None:
    one = spool()
    one.append([b"x"])
    one.drop([b"x"])
    one.close()
    assert list(tmp_path.iterdir()) == []
