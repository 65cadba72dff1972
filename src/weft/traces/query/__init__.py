"""The query language of the Weave trace server: parsed, compiled to SQL, or evaluated in Python.

Everything that can be filtered and sorted speaks it (calls, feedback, costs, objects): each brings its own `Fields`,
which says what a dotted path stands for in its tables. Start at `compile.compile_query` and `compile.sort_clauses`.
What the operators mean is written once, in `evaluate`, and tested to be the same on every database.
"""
