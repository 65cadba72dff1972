from collections.abc import Callable

import pytest

from weft.catalog.types import Lifecycle, Modality, ModelCard, ReasoningPolicy

OWN = 'id = "our/own"\ncontext_window_tokens = 4096\n'
SHIPPED = 'id = "openai/gpt-oss-20b"\n'

REFUSALS = {
    "a text where a number belongs": (
        'id = "our/own"\ncontext_window_tokens = "4096"\n',
        "card.toml:2: `context_window_tokens`: expected `int`, got `str`",
    ),
    "a number out of bounds": (
        'id = "our/own"\ncontext_window_tokens = 0\n',
        "card.toml:2: `context_window_tokens`: expected `int` >= 1",
    ),
    "an item of a list": (
        OWN + 'tags = ["a", 3]\n',
        "card.toml:3: `tags[1]`: expected `str`, got `int`",
    ),
    "a date in quotes": (
        OWN + 'launched_on = "2026-01-31"\n',
        (
            "card.toml:3: `launched_on`: expected `date`, got `str`;"
            " write a date without quotes, such as 2026-01-31"
        ),
    ),
    "a moment where a day belongs": (
        OWN + "launched_on = 2026-01-31T10:00:00\n",
        (
            "card.toml:3: `launched_on`: expected `date`, got `datetime`;"
            " write a date without quotes, such as 2026-01-31"
        ),
    ),
    "an unknown stage": (
        OWN + 'lifecycle = "ga"\n',
        (
            "card.toml:3: `lifecycle`: invalid enum value 'ga';"
            " one of experimental, general-availability, deprecated, retired"
        ),
    ),
    "an unknown modality": (
        OWN + 'modalities_input = ["text", "smell"]\n',
        (
            "card.toml:3: `modalities_input[1]`: invalid enum value 'smell';"
            " one of text, vision, embedding"
        ),
    ),
    "an unknown reasoning policy": (
        OWN + '[capabilities]\nreasoning = "yes"\n',
        (
            "card.toml:4: `capabilities.reasoning`: invalid enum value 'yes';"
            " one of none, disabled-by-default, enabled-by-default, always-on"
        ),
    ),
    "a missing context window": (
        'id = "our/own"\nlicense = "MIT"\n',
        "card.toml:1: `our/own` needs `context_window_tokens`",
    ),
    "a missing key in a table": (
        OWN + "[engines.remote]\nmax_in_flight = 3\n",
        "card.toml:3: [engines.remote] needs `url`",
    ),
    "a missing key in the second price": (
        SHIPPED + '[[prices]]\neffective_on = 2026-01-01\ninput_usd_per_mtok = "1"\n'
        'output_usd_per_mtok = "1"\nsource = "a"\n'
        '[[prices]]\neffective_on = 2026-02-01\ninput_usd_per_mtok = "1"\n'
        'output_usd_per_mtok = "1"\n',
        "card.toml:7: [prices[1]] needs `source`",
    ),
    "a missing key in the first price, while the shipped file has it": (
        SHIPPED + '\n[[prices]]\neffective_on = 2026-01-01\ninput_usd_per_mtok = "1"\n'
        'output_usd_per_mtok = "1"\n',
        "card.toml:3: [prices[0]] needs `source`",
    ),
    "a url without a scheme": (
        OWN + '[engines.remote]\nurl = "gpu1:8000/v1"\n',
        'card.toml:4: `engines.remote.url`: not of the right form; such as "http://gpu1:8000/v1"',
    ),
    "an id with a space": (
        'id = "our own"\ncontext_window_tokens = 4096\n',
        (
            "card.toml:1: `id`: not of the right form;"
            " letters, digits, `.`, `_` and `-`, in parts divided by `/`"
        ),
    ),
    "more active parameters than there are": (
        OWN + "parameters_total = 10\nparameters_active = 11\n",
        "card.toml:4: `parameters_active` 11 is more than `parameters_total` 10",
    ),
    "retired without a day": (
        OWN + 'lifecycle = "retired"\n',
        "card.toml:3: a retired model needs `retired_on`",
    ),
    "deprecated without a day": (
        OWN + 'lifecycle = "deprecated"\n',
        "card.toml:3: a deprecated model needs `deprecated_on`",
    ),
    "retired before it is deprecated": (
        OWN + "deprecated_on = 2026-02-01\nretired_on = 2026-01-01\n",
        "card.toml:4: retired on 2026-01-01, before it is deprecated on 2026-02-01",
    ),
    "vision without the capability": (
        OWN + 'modalities_input = ["text", "vision"]\n',
        "card.toml:3: takes vision, and [capabilities] has no `vision = true`",
    ),
    "the capability without vision": (
        OWN + "[capabilities]\nvision = true\n",
        'card.toml:4: `modalities_input` has no "vision"; add it',
    ),
    "no modality": (
        OWN + "modalities_output = []\n",
        "card.toml:3: `modalities_output` is empty; leave it out for text",
    ),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_load_when_a_card_is_wrong_then_one_line_says_where_and_why(
    refusal_of: Callable[[str], str], what: str
) -> None:
    text, message = REFUSALS[what]
    assert refusal_of(text) == message


def test_build_card_when_only_the_needed_keys_are_there_then_sensible_defaults(
    load_card: Callable[..., ModelCard],
) -> None:
    card = load_card(OWN)
    assert (card.label, card.provider) == ("own", "our")
    assert card.launched_on is None
    assert (card.parameters_total, card.parameters_active) == (0, 0)
    assert card.lifecycle is Lifecycle.GENERALLY_AVAILABLE
    assert card.modalities_input == card.modalities_output == (Modality.TEXT,)
    assert card.capabilities.reasoning is ReasoningPolicy.NONE
    assert card.engines == ()
    assert card.path.name == "card.toml"


def test_build_card_when_the_id_has_one_part_then_the_provider_is_local(
    load_card: Callable[..., ModelCard],
) -> None:
    card = load_card('id = "mine"\ncontext_window_tokens = 1\n', "mine")
    assert (card.label, card.provider) == ("mine", "local")


def test_build_card_when_a_dense_model_names_its_total_then_all_are_active(
    load_card: Callable[..., ModelCard],
) -> None:
    assert load_card(OWN + "parameters_total = 12\n").parameters_active == 12
