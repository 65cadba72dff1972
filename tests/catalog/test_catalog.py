"""The catalog answers for ids and aliases, and says what to do about every other name."""

import pytest

from weft.catalog.catalog import LIST_REMEDY, Catalog, ModelNotFound
from weft.catalog.load import load_catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_resolve_when_the_id_exists_then_its_card(catalog: Catalog) -> None:
    assert catalog.resolve("openai/gpt-oss-20b").id == "openai/gpt-oss-20b"


def test_resolve_when_the_id_is_unknown_then_the_hosted_words_and_the_nearest_id(
    catalog: Catalog,
) -> None:
    with pytest.raises(ModelNotFound) as caught:
        catalog.resolve("openai/gpt-oss-21b")
    error = caught.value
    assert error.status == 404
    assert error.code == "model_not_found"
    assert error.param == "model"
    assert error.message == (
        "The requested resource was not found: there is no model `openai/gpt-oss-21b` here."
        " Did you mean `openai/gpt-oss-20b`?"
    )
    assert error.metadata["did_you_mean"] == list(catalog.nearest("openai/gpt-oss-21b"))
    assert error.metadata["remedy"] == LIST_REMEDY
