from collections.abc import Callable
from pathlib import Path

import pytest

from weft.catalog.cards import build_card
from weft.catalog.catalog import Catalog
from weft.catalog.load import load_catalog
from weft.catalog.source import CardSources, read_source
from weft.catalog.types import GpuServerSpec, LlamaCppSpec, ModelCard, RemoteSpec
from weft.kit.errors import CannotStart

OWN = 'id = "our/own"\ncontext_window_tokens = 4096\n'
GPT = 'id = "openai/gpt-oss-20b"\n'

LoadCard = Callable[..., ModelCard]


def test_load_when_three_lines_bind_a_model_then_the_server_is_preferred(
    load_card: LoadCard, shipped: Catalog
) -> None:
    text = GPT + '[engines.remote]\nurl = "http://gpu1:8000/v1"\n'
    card = load_card(text, "openai/gpt-oss-20b")
    before = shipped.get("openai/gpt-oss-20b")
    assert card.engines[0] == RemoteSpec(url="http://gpu1:8000/v1")
    assert card.engines[1:] == before.engines
    assert card.prices == before.prices
    assert card.capabilities == before.capabilities
    assert card.label == before.label
    assert card.path.name == "card.toml"


def test_load_when_an_overlay_names_weights_then_the_rest_of_that_engine_stays(
    load_card: LoadCard,
) -> None:
    text = GPT + '[engines.llama_cpp]\nweights = "/m.gguf"\nparallel = 2\n'
    first, *others = load_card(text, "openai/gpt-oss-20b").engines
    assert isinstance(first, LlamaCppSpec)
    assert (first.weights, first.parallel) == ("/m.gguf", 2)
    assert (first.quantization, first.memory_mib) == ("MXFP4", 13_400)
    assert [type(spec) for spec in others] == [GpuServerSpec, GpuServerSpec]


def test_load_when_an_overlay_names_one_capability_then_the_others_stay(
    load_card: LoadCard, shipped: Catalog
) -> None:
    card = load_card(GPT + "[capabilities]\ntools = false\n", "openai/gpt-oss-20b")
    assert not card.capabilities.tools
    assert card.capabilities.reasoning is shipped.get(card.id).capabilities.reasoning


def test_load_when_an_overlay_has_prices_then_they_replace_the_list(load_card: LoadCard) -> None:
    text = (
        GPT + "[[prices]]\neffective_on = 2026-12-01\n"
        'input_usd_per_mtok = "0.04"\noutput_usd_per_mtok = "0.16"\nsource = "us"\n'
    )
    (price,) = load_card(text, "openai/gpt-oss-20b").prices
    assert price.version == "openai/gpt-oss-20b@2026-12-01"
    assert price.input_nusd_per_mtok == 40_000_000


def test_load_when_an_overlay_breaks_a_shipped_rule_then_the_overlay_is_named(
    refusal_of: Callable[[str], str],
) -> None:
    text = 'id = "moonshotai/Kimi-K2-Instruct"\n[engines.vllm]\ngpus = 8\n'
    assert refusal_of(text) == (
        "card.toml:3: `tensor_parallel` x `pipeline_parallel` is 16, and `gpus` is 8"
    )


def test_load_when_an_overlay_breaks_a_key_it_does_not_name_then_its_own_line(
    refusal_of: Callable[[str], str],
) -> None:
    text = 'id = "moonshotai/Kimi-K2-Instruct"\n[engines.vllm]\ntensor_parallel = 16\n'
    assert refusal_of(text) == (
        "card.toml:3: `tensor_parallel` x `pipeline_parallel` is 32, and `gpus` is 16"
    )
    assert refusal_of(GPT + "parameters_total = 3\n") == (
        "card.toml:2: `parameters_active` 3610000000 is more than `parameters_total` 3"
    )


def test_load_when_a_card_of_two_files_is_wrong_then_the_file_that_says_so() -> None:
    below = read_source(Path("a.toml"), b'id = "x"\n\n\n[engines.fake]\nmax_in_flight = 0\n')
    above = read_source(Path("b.toml"), b'id = "x"\n[engines.fake]\nbehaviour = "y"\n')
    with pytest.raises(CannotStart) as caught:
        build_card(CardSources((below, above)))
    assert caught.value.message == ("a.toml:5: `engines.fake.max_in_flight`: expected `int` >= 1")


def test_load_when_a_new_id_comes_then_the_shipped_ones_stay(
    tmp_path: Path, shipped: Catalog, write_card: Callable[..., Path]
) -> None:
    write_card(OWN)
    write_card("not a model", "notes.txt")
    catalog = load_catalog(tmp_path)
    ids = {card.id for card in catalog.cards}
    assert ids == {card.id for card in shipped.cards} | {"our/own"}


def test_load_when_the_folder_is_empty_then_what_ships(tmp_path: Path, shipped: Catalog) -> None:
    assert load_catalog(tmp_path).cards == shipped.cards


def test_load_when_the_folder_is_missing_then_refused(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    with pytest.raises(CannotStart) as caught:
        load_catalog(missing)
    assert caught.value.message == (
        f"{missing}: there is no such folder of models; make it or name another"
    )


def test_load_when_a_file_cannot_be_read_then_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(CannotStart, match=r"folder\.toml: cannot be read: "):
        load_catalog(tmp_path)


def test_load_when_two_files_describe_one_model_then_refused(
    refusal_of: Callable[[str], str], write_card: Callable[..., Path], tmp_path: Path
) -> None:
    write_card("# first\n" + GPT, "a.toml")
    assert refusal_of("\n" + GPT) == (
        "card.toml:2: `openai/gpt-oss-20b` is described in a.toml too; merge them"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label = 'x'\n", 'card.toml:1: needs `id`, such as id = "my-team/my-model"'),
        ("\nid = 3\n", 'card.toml:2: `id` is a text, such as id = "my-team/my-model"'),
        (
            OWN + 'aliases = ["openai/gpt-oss-20b"]\n',
            (
                "card.toml:3: alias `openai/gpt-oss-20b` is a name of `openai/gpt-oss-20b` already;"
                " choose another"
            ),
        ),
        (
            OWN + 'aliases = ["a", "a"]\n',
            "card.toml:3: alias `a` is a name of `our/own` already; choose another",
        ),
        (
            OWN + 'aliases = ["our/own"]\n',
            "card.toml:3: alias `our/own` is a name of `our/own` already; choose another",
        ),
        (
            OWN + 'replacement = "nobody/knows"\n',
            "card.toml:3: no model `nobody/knows` is in the catalog",
        ),
    ],
)
def test_load_when_a_name_is_wrong_then_one_line_says_where_and_why(
    refusal_of: Callable[[str], str], text: str, message: str
) -> None:
    assert refusal_of(text) == message


def test_load_when_two_new_models_share_an_alias_then_the_second_is_named(
    refusal_of: Callable[[str], str], write_card: Callable[..., Path]
) -> None:
    write_card('id = "our/first"\ncontext_window_tokens = 1\naliases = ["x"]\n', "a.toml")
    assert refusal_of(OWN + 'aliases = ["x"]\n') == (
        "card.toml:3: alias `x` is a name of `our/first` already; choose another"
    )
