"""Threads: conversations that calls say they belong to, told of by their turns."""
