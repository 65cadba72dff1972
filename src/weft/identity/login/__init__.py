"""Logging in to the console, and out: what browsers send and get."""
