"""Tiny checkpoints with random weights, one of each architecture of the catalog, for tests that load them for real."""
