"""References are read and written again without a change, whatever stands in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.traces.refs import BadRef, Edge, EdgeKind, Ref, RefKind, find_ref, object_ref, parse_ref

WORD = st.text(st.characters(exclude_characters="/:", exclude_categories=("Cs",)), min_size=1)
ANY = st.text()
EDGE = st.one_of(
    st.builds(Edge, st.sampled_from([EdgeKind.ATTR, EdgeKind.KEY, EdgeKind.ID]), ANY),
    st.builds(
        Edge, st.just(EdgeKind.INDEX), st.integers(min_value=-(1 << 60), max_value=1 << 60).map(str)
    ),
)
EDGES = st.lists(EDGE, max_size=5).map(tuple)
REF = st.one_of(
    st.builds(Ref, WORD, WORD, st.sampled_from([RefKind.OBJECT, RefKind.OP]), WORD, WORD, EDGES),
    st.builds(Ref, WORD, WORD, st.just(RefKind.TABLE), digest=WORD),
    st.builds(Ref, WORD, WORD, st.just(RefKind.CALL), WORD, edges=EDGES),
    st.builds(Ref, WORD, WORD, st.sampled_from([RefKind.AGENT_TURN, RefKind.AGENT_SPAN]), WORD),
    st.builds(Ref, WORD, WORD, st.just(RefKind.AGENT_CONVERSATION), st.text(min_size=1)),
)


@given(REF)
def test_a_ref_that_is_written_reads_the_same(ref: Ref) -> None:
    assert parse_ref(str(ref)) == ref


@pytest.mark.parametrize(
    "text",
    [
        "weave:///acme/search/object/Dataset:abcXYZ",
        "weave:///acme/search/op/predict:v3",
        "weave:///acme/search/op/predict:*",
        "weave:///acme/search/object/Dataset:abc/attr/rows/id/def/key/input",
        "weave:///acme/search/object/d:latest/key/a%2Fb%20%3Ac/index/-1",
        "weave:///acme/search/table/0123abc",
        "weave:///acme/search/call/019a-b/attr/output",
        "weave:///acme/search/agent_turn/0123",
        "weave:///acme/search/agent_span/0123",
        "weave:///acme/search/agent_conversation/a%2Fb",
    ],
)
def test_every_form_reads_and_writes_the_same(text: str) -> None:
    assert str(parse_ref(text)) == text


def test_edges_are_decoded() -> None:
    ref = parse_ref("weave:///a/b/object/d:v1/key/x%2Fy/index/3")
    assert ref.edges == (Edge(EdgeKind.KEY, "x/y"), Edge(EdgeKind.INDEX, "3"))
    assert ref.project_id == "a/b"
    assert str(ref.whole) == object_ref("a/b", "d", "v1")
    assert ref.whole.into(*ref.edges) == ref


def test_an_object_without_a_version_is_the_latest() -> None:
    assert parse_ref("weave:///a/b/object/d").digest == "latest"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "weave://a/b/object/d:v1",
        "weave:///",
        "weave:///a/b",
        "weave:///a/b/object",
        "weave:///a/b/object/",
        "weave:////b/object/d:v1",
        "weave:///a/b/thing/d:v1",
        "weave:///a/b/object/d:v1:v2",
        "weave:///a/b/object/:v1",
        "weave:///a/b/object/d:",
        "weave:///a/b/object/d:v1/attr",
        "weave:///a/b/object/d:v1/step/x",
        "weave:///a/b/object/d:v1/index/x",
        "weave:///a/b/object/d:v1/index/²",
        "weave:///a/b/table/d:v1",
        "weave:///a/b/table/d/attr/x",
        "weave:///a/b/agent_turn/x/y",
        "weave:///a/b/agent_conversation/x/y",
        "weave-trace-internal:///1/object/d:v1",
        "weave:///a/b/object/" + "d" * 40_000,
    ],
)
def test_what_is_no_ref_is_refused(text: str) -> None:
    with pytest.raises(BadRef):
        parse_ref(text)
    assert find_ref(text) is None


def test_values_that_are_no_text_are_no_refs() -> None:
    assert find_ref(3) is None
    assert find_ref(None) is None
