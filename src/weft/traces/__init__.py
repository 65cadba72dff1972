"""Traces: calls, objects, tables, files and feedback, kept by project, spoken to in the words of the Weave clients.

`store.TraceStore` is the way in for everything: reads go to a reader's connection, writes through `writing/`, which
keeps them safe also while the database is away. Each noun has a package with its tables, its SQL and its routes.
"""
