"""Calls in ClickHouse, for projects that one PostgreSQL cannot hold: the same language, other bodies.

Only calls go there. Objects, tables, files, feedback, prices and projects stay in the trace database, and so does what
is known of a call that has not ended. Needs the extra `clickhouse` (a server) or `chdb` (the engine in this process).

A row is a whole call. A later one of the same call takes the place of an earlier one when they are read (`FINAL`), so
everything can be written twice: what ended wins over what runs, what was deleted over both, then the newest.
"""
