"""No function of the stores of objects, tables, files, references and provenance finds what another project has."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from weft.kit.db import Database
from weft.traces.digests import table_digest, text_digest
from weft.traces.files import read as files
from weft.traces.files import write as files_written
from weft.traces.objects import labels, read, write
from weft.traces.objects.read import ObjectFilter
from weft.traces.provenance import store as provenance
from weft.traces.provenance.types import LinkBody, QueryBody, RowLinks, Source
from weft.traces.refs import Edge, EdgeKind, Ref, RefKind
from weft.traces.resolving import read as resolving
from weft.traces.resolving.read import Budget
from weft.traces.resolving.walk import Walk
from weft.traces.schema import PROJECT
from weft.traces.tables import read as tables
from weft.traces.tables import sorting
from weft.traces.tables import write as tables_written
from weft.traces.tables.chunks import chunked
from weft.traces.tables.read import Place, TableHead
from weft.traces.types import ProjectKey

OURS, THEIRS = ProjectKey(1), ProjectKey(2)
VAL = '{"n":1}'
DIGEST = text_digest(VAL)
PARTS, BODIES = chunked([DIGEST])
HEAD = TableHead(table_digest([DIGEST]), 1, None, PARTS)
PLACES = [Place(0, DIGEST)]
SOURCE = Source("call-1", "call", "trace-1")
LINKS = LinkBody("", "data", "abc", [RowLinks(DIGEST, [SOURCE])])
REF = Ref("loom", "cloth", RefKind.OBJECT, "thing", DIGEST)
ROW = Ref("loom", "cloth", RefKind.TABLE, digest=HEAD.digest, edges=(Edge(EdgeKind.ID, DIGEST),))

Find = Callable[[Connection, ProjectKey], Any]


def advanced(connection: Connection, key: ProjectKey) -> list[Any]:
    walks = [Walk(REF), Walk(ROW)]
    resolving.advance(connection, key, walks, Budget())
    return [walk.value for walk in walks if walk.value is not None]


FINDS: dict[str, Find] = {
    "objects.read.find_version": lambda c, key: read.find_version(c, key, "thing", "latest"),
    "objects.read.find_versions": lambda c, key: read.find_versions(c, key, "thing", None),
    "objects.read.query_versions": lambda c, key: read.query_versions(c, key, ObjectFilter()),
    "objects.read.read_values": lambda c, key: read.read_values(c, key, [DIGEST]),
    "objects.read.labels_of": lambda c, key: [
        word
        for tags, aliases in read.labels_of(c, key, our_versions(c)).values()
        for word in (*tags, *aliases)
        if word != "latest"
    ],
    "objects.read.objects_size": read.objects_size,
    "objects.labels.list_tags": labels.list_tags,
    "objects.labels.list_aliases": labels.list_aliases,
    "tables.read.find_tables": lambda c, key: tables.find_tables(c, key, [HEAD.digest]),
    "tables.read.find_table": lambda c, key: tables.find_table(c, key, HEAD.digest),
    "tables.read.row_sizes": lambda c, key: tables.row_sizes(c, key, [DIGEST]),
    "tables.read.read_rows": lambda c, key: tables.read_rows(c, key, [DIGEST]),
    "tables.read.read_some": lambda c, key: tables.read_some(c, key, PLACES, 100)[0],
    "tables.read.tables_size": tables.tables_size,
    "tables.sorting.in_order": lambda c, key: sorting.in_order(c, key, PLACES, []),
    "files.read.find_file": lambda c, key: files.find_file(c, key, DIGEST),
    "files.read.files_size": files.files_size,
    "provenance.store.find_links": lambda c, key: provenance.find_links(
        c, key, QueryBody("", "data", include_deleted=True)
    ),
    "provenance.store.find_memberships": lambda c, key: provenance.find_memberships(
        c, key, [SOURCE], include_deleted=True
    ),
    "provenance.store.delete_links": lambda c, key: [
        link for link, deleted in provenance.delete_links(c, key, [link_id(c)], 9) if deleted
    ],
    "resolving.read.read_ref_values": lambda c, key: resolving.read_ref_values(
        c, key, "loom/cloth", [str(REF)]
    ),
    "resolving.read.advance": advanced,
    "objects.write.delete_versions": lambda c, key: write.delete_versions(c, key, "thing", None, 9),
}
RAISES: dict[str, Find] = {
    "tables.read.page": lambda c, key: tables.page(c, key, HEAD, 0, 1),
    "tables.read.find_places": lambda c, key: tables.find_places(c, key, HEAD, [DIGEST]),
    "tables.read.bodies": lambda c, key: list(tables.bodies(c, key, PARTS)),
    "tables.read.load_body": lambda c, key: tables.load_body(c, key, PARTS[0][0]),
    "tables.read.digest_of": lambda c, key: tables.digest_of(c, key, PARTS, {}),
    "tables.read.storage_size": lambda c, key: tables.storage_size(c, key, HEAD),
    "files.read.read_part": lambda c, key: files.read_part(c, key, DIGEST, 0),
}
"""What is only called with what was found before fails, where there is nothing."""
CHANGES = {
    "objects.write.publish",
    "objects.labels.add_tags",
    "objects.labels.remove_tags",
    "objects.labels.set_aliases",
    "objects.labels.remove_aliases",
    "tables.write.write_parts",
    "files.write.write_part",
    "provenance.store.link_rows",
}
"""What `filled` uses, or the last test does."""
MODULES = (
    *(read, write, labels, tables, tables_written, sorting),
    *(files, files_written, provenance, resolving),
)


def our_versions(connection: Connection) -> list[read.ObjectVersion]:
    return read.query_versions(connection, OURS, ObjectFilter())


def link_id(connection: Connection) -> str:
    return provenance.find_links(connection, OURS, QueryBody("", "data", include_deleted=True))[
        0
    ].id


def fill(connection: Connection, key: ProjectKey) -> None:
    """The same things in whatever project."""
    project_id = f"proj_{key}"
    connection.execute(insert(PROJECT).values(key=key, project_id=project_id))
    obj = write.WriteObject(project_id, "thing", DIGEST, VAL, "object", 1)
    write.publish(connection, key, obj)
    labels.add_tags(connection, key, "thing", DIGEST, ["good"])
    labels.set_aliases(connection, key, "thing", DIGEST, ["production"])
    table = tables_written.WriteTable(
        project_id, BODIES, [(DIGEST, len(VAL), VAL)], HEAD.digest, 1, None, 1, PARTS
    )
    tables_written.write_parts(connection, key, table)
    part = files_written.WriteFilePart(project_id, DIGEST, 0, b"one", 1, 3, 1)
    files_written.write_part(connection, key, part)
    provenance.link_rows(connection, key, LINKS, user_id="user", at_us=1)


@pytest.fixture
def filled(shared_database: Database) -> Database:
    with shared_database.write() as connection:
        for table in (*_tables(connection), "trace_project"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        fill(connection, OURS)
    return shared_database


def _tables(connection: Connection) -> list[str]:
    nouns = ("object", "object_value", "object_tag", "object_alias", "table", "table_chunk")
    return [
        f"trace_{noun}" for noun in (*nouns, "table_row", "file", "file_part", "dataset_source")
    ]


def test_functions_when_asked_for_another_project_then_find_nothing(filled: Database) -> None:
    for name, find in FINDS.items():
        with filled.engine.connect() as connection:
            assert not find(connection, THEIRS), name
            assert find(connection, OURS), name
            connection.rollback()
    for name, find in RAISES.items():
        with filled.engine.connect() as connection:
            with pytest.raises(Exception):  # noqa: B017, PT011 - a missing row, or key
                pytest.fail(f"{name} found {find(connection, THEIRS)}")
            connection.rollback()


def test_functions_when_they_change_another_project_then_ours_stays(filled: Database) -> None:
    with filled.write() as connection:
        labels.remove_tags(connection, THEIRS, "thing", DIGEST, ["good"])
        labels.remove_aliases(connection, THEIRS, "thing", ["production"])
        fill(connection, THEIRS)
        write.delete_versions(connection, THEIRS, "thing", None, 9)
        assert read.read_values(connection, THEIRS, [DIGEST]) == {}
        assert read.read_values(connection, OURS, [DIGEST]) == {DIGEST: VAL}
        assert labels.list_tags(connection, OURS) == ["good"]
        assert labels.list_aliases(connection, OURS) == ["production"]
        assert labels.list_tags(connection, THEIRS) == []
        found = read.find_version(connection, OURS, "thing", "production")
        assert found is not None
        assert found.version_index == 0


def test_functions_when_listed_then_each_has_its_place_here() -> None:
    listed = {
        f"{module.__name__.removeprefix('weft.traces.')}.{name}"
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if _is_store_function(module, name, function)
    }
    assert listed == {*FINDS, *RAISES, *CHANGES}


def _is_store_function(module: ModuleType, name: str, function: Callable[..., Any]) -> bool:
    return (
        function.__module__ == module.__name__
        and not name.startswith("_")
        and list(inspect.signature(function).parameters)[:2] == ["connection", "key"]
    )
