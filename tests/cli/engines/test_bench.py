"""`weft models bench`: engines are timed for real, and only one that does what the card claims is preferred."""

from pathlib import Path

import pytest

from cli.said import Weft
from weft.catalog.load import load_catalog
from weft.catalog.types import FakeSpec
from weft.cli.engines.bench.prefer import overlay_for, reordered

CARD = """\
id = "acme/tiny"
context_window_tokens = 2048
[capabilities]
json_mode = false
json_schema = false
logprobs = {logprobs}
[[prices]]
effective_on = 2026-01-01
input_usd_per_mtok = "0.10"
output_usd_per_mtok = "0.40"
source = "ours"

[engines.llama_cpp]
weights = "package:weft.demo/tiny-chat.gguf"
context_tokens = 4096
parallel = 8

# Quick, and knows nothing.
[engines.fake]
behaviour = "tokens=128,{behaviour}"
"""


def write_card(folder: Path, *, logprobs: str = "false", behaviour: str = "") -> Path:
    path = folder / "catalog" / "tiny.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(CARD.format(logprobs=logprobs, behaviour=behaviour))
    return path


def test_bench_when_the_second_is_faster_then_it_is_preferred_if_asked(
    weft: Weft, tmp_path: Path
) -> None:
    path = write_card(tmp_path)
    done = weft("models", "bench", "acme/tiny", "--json")
    assert done.code == 0, done.err
    told = done.json
    assert [engine["engine"] for engine in told["engines"]] == ["llama_cpp", "fake"]
    for engine in told["engines"]:
        assert engine["problem"] == ""
        assert engine["lacks"] == []
        assert engine["tokens_per_s_1_stream"] > 0
        assert engine["tokens_per_s_8_streams"] > 0
        assert engine["prompt_1k_s"] > 0
    assert told["fastest"] == "fake"
    assert told["written"] == ""
    written = weft("models", "bench", "acme/tiny", "--write")
    assert f"{path} prefers fake now" in written.out.replace("\n", " ")
    card = load_catalog(path.parent).get("acme/tiny")
    assert isinstance(card.engines[0], FakeSpec)
    assert "# Quick, and knows nothing.\n[engines.fake]" in path.read_text()


def test_bench_when_an_engine_cannot_do_what_the_card_claims_then_it_is_not_preferred(
    weft: Weft, tmp_path: Path
) -> None:
    write_card(tmp_path, logprobs="true", behaviour="fail_status=500")
    told = weft("models", "bench", "acme/tiny", "--json").json
    llama_cpp, fake = told["engines"]
    assert fake["problem"]
    assert fake["tokens_per_s_8_streams"] == 0
    assert told["fastest"] == llama_cpp["engine"]


def test_bench_when_nothing_runs_here_then_it_says_where_to_look(weft: Weft) -> None:
    done = weft("models", "bench", "openai/gpt-oss-20b")
    assert done.code == 1
    assert "weft models show openai/gpt-oss-20b" in done.err


# The file.


def test_overlay_when_new_then_it_prefers_in_this_order() -> None:
    assert overlay_for("a/b", ["x", "y"]) == 'id = "a/b"\n\n[engines.x]\n\n[engines.y]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'id = "a"\n[engines.one]\nk = 1\n\n# two\n[engines.two]\nk = 2\n',
            'id = "a"\n\n# two\n[engines.two]\nk = 2\n\n[engines.one]\nk = 1\n',
        ),
        (
            'id = "a"\n[engines.one]\n[engines.one.headers]\nh = "x"\n[[prices]]\np = 1\n[engines.two]',
            'id = "a"\n\n[engines.two]\n\n[engines.one]\n[engines.one.headers]\nh = "x"\n\n[[prices]]\np = 1\n',
        ),
        ('id = "a"\n', 'id = "a"\n\n[engines.two]\n'),
        (
            'id = "a"\n\n[engines.other]\nk = 1\n',
            'id = "a"\n\n[engines.two]\n\n[engines.other]\nk = 1\n',
        ),
    ],
)
def test_file_when_reordered_then_every_line_stays_with_its_table(text: str, expected: str) -> None:
    assert reordered(text, ["two"]) == expected
