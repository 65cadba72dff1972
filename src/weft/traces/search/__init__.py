"""Search in the texts of calls by their trigrams, for projects whose admins switched it on.

An index of trigrams says which calls may have a piece of text in their inputs or outputs; the query itself then looks
at those alone. So an answer is the same with the index and without it. See `needles` for what it can be asked.

Invariant: a row of `trace_search_call` in state DONE says that the texts which the call has now are in the index of its
project. What has another state, the index is not asked about.
"""
