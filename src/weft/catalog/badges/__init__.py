"""Badges: what a model's card claims, and what the last probe found of it."""
