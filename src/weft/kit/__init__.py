"""Room: kit."""
