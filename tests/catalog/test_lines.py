from textwrap import dedent

import pytest

from weft.catalog.lines import KeyPath, index_lines, line_of

TEXT = dedent(
    '''\
    id = "a"            # 1
    text = """
    license = "inside a string"
    """
    list = [
      "x = 1",
    ]
    license = "MIT"     # 8

    [engines.vllm]      # 10
    gpus = 1

    [[prices]]          # 13
    source = "one"
    [[prices]] # 15
    source = 'two'
    "odd key" = 1
    a.b = 2
    [prices.inner]      # 19
    k = 1
    ''',
)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("id",), 1),
        (("license",), 8),
        (("engines",), 10),
        (("engines", "vllm"), 10),
        (("engines", "vllm", "gpus"), 11),
        (("prices",), 13),
        (("prices", 0), 13),
        (("prices", 0, "source"), 14),
        (("prices", 1), 15),
        (("prices", 1, "source"), 16),
        (("prices", 1, "odd key"), 17),
        (("prices", 1, "a"), 18),
        (("prices", 1, "a", "b"), 18),
        (("prices", 1, "inner", "k"), 20),
    ],
)
def test_line_of_when_the_key_is_written_then_its_line(path: KeyPath, line: int) -> None:
    assert line_of(index_lines(TEXT), path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("list", 0), 5),
        (("engines", "vllm", "repository"), 10),
        (("prices", 1, "effective_on"), 15),
        (("nowhere",), 1),
        ((), 1),
    ],
)
def test_line_of_when_the_key_is_not_written_then_the_table_around_it(
    path: KeyPath, line: int
) -> None:
    assert line_of(index_lines(TEXT), path) == line
