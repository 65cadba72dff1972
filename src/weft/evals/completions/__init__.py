"""Playground completions: one chat, asked through Weft's own door, and left in the project's traces."""
