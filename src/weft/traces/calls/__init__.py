"""Calls: how they are written, merged from starts and ends, counted, read and deleted."""
