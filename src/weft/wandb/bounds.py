"""How large a GraphQL query may be, counted before anything is looked up.

A short text can ask for very much: fragments that name fragments double at each step. So what is counted is every
field that would be answered, with fragments written out.
"""

from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from weft.kit.errors import InvalidRequest

TEXT_LIMIT_BYTES = 64 * 1024
TOKENS_LIMIT = 4000
FIELDS_LIMIT = 500
DEPTH_LIMIT = 15


class QueryTooLarge(InvalidRequest):
    """The query asks for too much at once."""

    code = "query_too_large"
    remedy = "ask for less, or in several queries"


@dataclass(frozen=True, slots=True)
class _Size:
    fields: int = 0
    depth: int = 0


@dataclass(slots=True)
class _Count:
    """Sizes of fragments are worked out once each, so that counting is quick whatever they name."""

    fragments: dict[str, FragmentDefinitionNode]
    known: dict[str, _Size] = field(default_factory=dict[str, _Size])
    open: set[str] = field(default_factory=set[str])

    def of(self, selections: SelectionSetNode | None) -> _Size:
        fields = depth = 0
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                inner = self.of(node.selection_set)
                size = _Size(inner.fields + 1, inner.depth + 1)
            elif isinstance(node, FragmentSpreadNode):
                size = self.of_fragment(node.name.value)
            else:
                size = self.of(getattr(node, "selection_set", None))
            fields, depth = fields + size.fields, max(depth, size.depth)
        return _Size(fields, depth)

    def of_fragment(self, name: str) -> _Size:
        if name in self.open:
            raise QueryTooLarge(f"the fragment {name[:80]} names itself")
        if name not in self.known:
            fragment = self.fragments.get(name)
            self.open.add(name)
            self.known[name] = self.of(fragment.selection_set) if fragment else _Size()
            self.open.discard(name)
        return self.known[name]


def check_size(document: DocumentNode) -> None:
    """Raise `QueryTooLarge` if an operation of the document has too many fields, or nests them too deeply."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    count = _Count(fragments)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            size = count.of(node.selection_set)
            if size.depth > DEPTH_LIMIT:
                raise QueryTooLarge(
                    f"the query is nested {size.depth} deep; {DEPTH_LIMIT} is the most"
                )
            if size.fields > FIELDS_LIMIT:
                raise QueryTooLarge(f"the query has more than {FIELDS_LIMIT} fields")
