"""The room of evaluations, put together."""
