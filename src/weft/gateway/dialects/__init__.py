"""Other companies' words for a chat completion: translated on the way in and on the way out.

A dialect makes a chat completion of a request before the flow sees it, and its own shapes of what the flow says. So
limits, metering, records and retries are those of a chat. `exchange.py` is where both meet; the rest is pure.
"""
