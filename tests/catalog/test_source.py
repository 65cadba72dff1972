from collections.abc import Callable
from pathlib import Path

import pytest

from weft.catalog.load import load_catalog
from weft.catalog.source import MAX_FILE_BYTES, read_source
from weft.kit.errors import CannotStart

OWN = 'id = "our/own"\ncontext_window_tokens = 4096\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            OWN + 'lable = "x"\n',
            "card.toml:3: unknown key `lable`; did you mean `label`?",
        ),
        (
            OWN + '[engines.remote]\nulr = "http://x/v1"\n',
            "card.toml:4: unknown key `ulr` in [engines.remote]; did you mean `url`?",
        ),
        (
            OWN + "[engines.lama_cpp]\n",
            "card.toml:3: unknown key `lama_cpp` in [engines]; did you mean `llama_cpp`?",
        ),
        (
            OWN + "[capabilities]\ntool = true\n",
            "card.toml:4: unknown key `tool` in [capabilities]; did you mean `tools`?",
        ),
        (
            OWN + '[[prices]]\nsource = "a"\n[[prices]]\ninput_usd = "1"\n',
            "card.toml:6: unknown key `input_usd` in [prices]; did you mean `input_usd_per_mtok`?",
        ),
        (
            OWN + "[engines.fake]\nqqqq = 1\n",
            (
                "card.toml:4: unknown key `qqqq` in [engines.fake];"
                " the keys here are behaviour, max_in_flight, memory_mib"
            ),
        ),
        (
            OWN + "engines = { fake = { qqqq = 1 } }\n",
            (
                "card.toml:3: unknown key `qqqq` in [engines.fake];"
                " the keys here are behaviour, max_in_flight, memory_mib"
            ),
        ),
    ],
)
def test_load_when_a_key_is_unknown_then_its_name_line_and_the_nearest_key(
    refusal_of: Callable[[str], str], text: str, message: str
) -> None:
    assert refusal_of(text) == message


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (OWN + "license = MIT\n", "card.toml:3: not valid TOML: "),
        (OWN + "launched_on = 2026-13-01\n", "card.toml:3: not valid TOML: "),
        (OWN + 'label = "a"\nlabel = "b"\n', "card.toml:4: not valid TOML: Cannot overwrite"),
        (OWN + 'label = """never closed\n', "card.toml:3: not valid TOML: "),
    ],
)
def test_load_when_the_syntax_is_wrong_then_the_line_of_it(
    refusal_of: Callable[[str], str], text: str, start: str
) -> None:
    message = refusal_of(text)
    assert message.startswith(start)
    assert "(at " not in message


def test_load_when_a_file_is_not_utf8_then_its_line(tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_bytes(OWN.encode() + b'label = "\xff"\n')
    with pytest.raises(CannotStart, match=r"card\.toml:3: not UTF-8; save the file as UTF-8$"):
        load_catalog(tmp_path)


def test_read_source_when_the_file_is_too_large_then_refused() -> None:
    with pytest.raises(CannotStart, match="one file describes one model"):
        read_source(Path("big.toml"), b"#" * (MAX_FILE_BYTES + 1))


def test_holds_when_asked_then_only_what_the_file_itself_sets() -> None:
    source = read_source(Path("x.toml"), b'id = "a"\n[[prices]]\nsource = "s"\n')
    assert source.holds(("id",))
    assert source.holds(("prices", 0, "source"))
    assert not source.holds(("prices", 1))
    assert not source.holds(("id", "deeper"))
    assert not source.holds(("label",))
