"""Feedback: what people and scorers say of calls, objects and agents' turns. Written through the spool, like calls."""
