"""Calls as they are read: found by filter and query, sorted, and sent as lines of JSON.

A search finds the places of calls first (`find`), on narrow columns as far as that goes; then their texts are read and
put together, some hundred at a time (`lines`), in the same snapshot.
"""
