import json

from hypothesis import given
from hypothesis import strategies as st

from weft.engines.queue.prefix import BLOCK_BYTES, MAX_BLOCKS, PrefixMemory, prefix_of


def chat(*texts: str, **others: object) -> bytes:
    messages = [{"role": "user", "content": text} for text in texts]
    return json.dumps({**others, "messages": messages}).encode()


def common(one: tuple[int, ...], two: tuple[int, ...]) -> int:
    pairs = zip(one, two, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(two)))


def test_prefix_when_a_conversation_goes_on_then_it_begins_alike() -> None:
    first, second = chat("a" * 5000), chat("a" * 5000, "and then?")
    assert common(prefix_of(first), prefix_of(second)) >= 5000 // BLOCK_BYTES - 1


def test_prefix_when_what_comes_before_the_messages_differs_then_it_does_not_matter() -> None:
    one, two = chat("a" * 5000, model="m"), chat("a" * 5000, model="m", temperature=0.5)
    assert prefix_of(one) == prefix_of(two)


def test_prefix_when_the_beginnings_differ_then_nothing_is_alike() -> None:
    assert common(prefix_of(chat("x" + "a" * 5000)), prefix_of(chat("y" + "a" * 5000))) == 0


def test_prefix_when_the_prompt_is_short_then_it_has_no_mark() -> None:
    assert prefix_of(chat("hello")) == ()
    assert prefix_of(b"") == ()


def test_prefix_when_the_prompt_is_huge_then_it_is_bounded() -> None:
    assert len(prefix_of(chat("a" * 10_000_000))) == MAX_BLOCKS


@given(st.binary(max_size=4000), st.binary(max_size=4000), st.binary(max_size=2000))
def test_prefix_when_two_begin_alike_then_so_many_blocks_are_alike(
    start: bytes, one: bytes, two: bytes
) -> None:
    left, right = start + b"|" + one, start + b"|" + two
    alike = next(
        (at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b),
        min(len(left), len(right)),
    )
    if b'"messages"' not in left + right:
        expected = min(alike // BLOCK_BYTES, len(prefix_of(left)), len(prefix_of(right)))
        assert common(prefix_of(left), prefix_of(right)) == expected


def test_memory_when_it_was_sent_a_beginning_then_it_matches() -> None:
    memory = PrefixMemory()
    memory.remember((1, 2, 3))
    assert memory.match((1, 2, 4)) == 2
    assert memory.match((2, 3)) == 2
    assert memory.match((9, 1, 2)) == 0
    memory.forget()
    assert memory.match((1, 2, 3)) == 0


def test_memory_when_full_then_the_ends_of_the_oldest_are_forgotten_first() -> None:
    memory = PrefixMemory(limit=4)
    memory.remember((1, 2, 3))
    memory.remember((7, 8))
    assert len(memory) == 4
    assert memory.match((1, 2, 3)) == 2
    assert memory.match((7, 8)) == 2
