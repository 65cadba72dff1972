"""Digests of values are over the inner form of references to their own project, wherever those stand."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.traces.canonical import Scope, digested
from weft.traces.digests import value_digest
from weft.traces.json_text import BadJson

SCOPE = Scope("loom/cloth", "proj_1")
OWN = "weave:///loom/cloth/object/a:b"
INNER = "weave-trace-internal:///proj_1/object/a:b"
FAR = "weave:///loom/clothes/object/a:b"
LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
VALUE = st.recursive(
    st.one_of(LEAF, st.just(FAR), st.just("weave:///no ref")),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=20,
)


def held(value: Any) -> str:
    """JSON in a string, as the client writes it."""
    return json.dumps(value)


@pytest.mark.parametrize(
    ("value", "inner"),
    [
        (OWN, INNER),
        ([{"a": OWN}, FAR], [{"a": INNER}, FAR]),
        ({OWN: 1}, {OWN: 1}),
        ({"text": f"see {OWN}"}, {"text": f"see {OWN}"}),
        ({"held": held([OWN, "ü"])}, {"held": held([INNER, "ü"])}),
        ({"held": held(held([OWN]))}, {"held": held(held([INNER]))}),
        ({"held": held([FAR])}, {"held": held([FAR])}),
    ],
)
def test_value_when_it_refers_to_its_project_then_digest_is_over_the_inner_form(
    value: Any, inner: Any
) -> None:
    found = digested(json.dumps(value), SCOPE)
    assert found.value == value
    assert found.digest == value_digest(inner)
    assert found.plain == value_digest(value)


@given(VALUE)
def test_value_when_it_has_no_own_refs_then_digest_is_over_it_as_it_is(value: Any) -> None:
    for ensure_ascii in (True, False):
        found = digested(json.dumps(value, ensure_ascii=ensure_ascii), SCOPE)
        assert found.digest == found.plain == value_digest(value)


def test_value_when_nested_deep_then_has_a_digest_and_deeper_is_refused() -> None:
    deep = "[" * 250 + f'"{OWN}"' + "]" * 250
    assert digested(deep, SCOPE).digest == value_digest(json.loads(deep))
    with pytest.raises(BadJson):
        digested("[" * 100_000 + "]" * 100_000, SCOPE)
