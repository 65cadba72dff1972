"""The tables of the search; the index itself is made when a project's admin switches it on."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.search.0001_search",
        (
            """CREATE TABLE trace_search (
                project INTEGER PRIMARY KEY, state TEXT NOT NULL, is_wanted BOOLEAN NOT NULL, place TEXT NOT NULL,
                below BIGINT NOT NULL, top BIGINT NOT NULL)""",
            """CREATE TABLE trace_search_call (
                seq {rowid} PRIMARY KEY, project INTEGER NOT NULL, state INTEGER NOT NULL, body TEXT)""",
            "CREATE INDEX trace_search_call_project ON trace_search_call (project)",
            "CREATE INDEX trace_search_call_waits ON trace_search_call (project, seq) WHERE state <> 0",
        ),
    ),
)
