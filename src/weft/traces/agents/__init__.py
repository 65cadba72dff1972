"""Agents: what is told of them by spans, grouped by agent, by conversation and by turn, as Weave's agents API asks.

A turn is a trace. Only narrow facts are kept here; what was said lies with the span's call, and goes with it.
"""
