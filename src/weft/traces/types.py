"""The nouns that all of traces share. A call is one run of a traced function; a trace is a tree of calls.

Words of the Weave wire stay as they are (`op_name`, `wb_user_id`, `digest`): people read them in both places.
"""

from typing import NewType

ProjectKey = NewType("ProjectKey", int)
"""A project inside the trace database: small, and part of every key and every statement there."""

US_PER_S = 1_000_000
HOUR_US = 3600 * US_PER_S
