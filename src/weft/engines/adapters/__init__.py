"""Adapters on this server's engines: what a kind of engine needs before it can add one to a model."""
