"""Monitors: scorers on a share of a project's live calls, within a budget, with alerts; and what guardrails left.

A monitor is the Weave client's own `Monitor` object; this package keeps beside it what a running one needs: how far it
has looked, what it may spend, what waits to be judged. Code that somebody stored is never run: scorers are settings.
"""
