"""Weights on disk: where they lie, which files a model needs, and how they get here."""
