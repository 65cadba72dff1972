"""Ops, datasets, scorers, evaluations and models by plain HTTP: the same objects that the client publishes."""
