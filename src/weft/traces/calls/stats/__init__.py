"""Figures over time: how many calls, how long, how many tokens, for how much; `read` is the way in."""
